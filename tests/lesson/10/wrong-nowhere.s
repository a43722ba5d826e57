# expect: emulate is 0x00000000, and nothing of emulate.s is there
        .globl  emulate
emulate = 0
