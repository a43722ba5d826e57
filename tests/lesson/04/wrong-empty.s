# expect: There is no page_entry: has its label gone
