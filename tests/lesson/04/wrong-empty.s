# expect: There is no routine page_entry: has its label gone
