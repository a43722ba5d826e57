# expect: There is no emulate: has its label gone, or its .globl
