# expect: no cross|no format
