# SPDX-License-Identifier: GPL-2.0-or-later
#
# Moodle's CodeRunner: the template of a question in which a student types or uploads the lab's file.
#
# What to do: in a question of type python3, choose "customise", "is combinator", grader "template grader", and paste
# this as the template; the answer box then takes assembler.  One test case is enough; what stands in it is not used.
# The Jobe server has the program installed.  Give the question the time and memory that a check needs: 30 s, 2000 MB.
# What to change: LAB and FILE.
# Run here: by tests/cli/setups.sh, with an answer put in as Twig would.
import os
import subprocess

LAB, FILE = "3", "switch.s"
OPTIONS = os.environ.get("GRADE_OPTIONS", "--unconfined").split()  # Jobe's jobs are users of their own
answer = """{{ STUDENT_ANSWER | e('py') }}"""

with open(FILE, "w", encoding="utf-8") as file:
    file.write(answer + "\n")
subprocess.run(
    [os.environ.get("WORLDSWITCH", "worldswitch"), "grade", FILE, "--lesson", LAB, "--report", "coderunner", *OPTIONS],
    check=True,
)
