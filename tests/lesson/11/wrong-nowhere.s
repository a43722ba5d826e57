# expect: shadow_fault is 0x00000000, and nothing of shadow.s is there
        .globl  shadow_fault
shadow_fault = 0
