        call    answer
        cli
        hlt
