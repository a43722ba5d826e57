# expect: There is no shadow_fault: has its label gone, or its .globl
