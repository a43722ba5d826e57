# expect: There is no gate_set: has its label gone
