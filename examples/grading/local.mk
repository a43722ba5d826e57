# SPDX-License-Identifier: GPL-2.0-or-later
#
# Ready set-ups for graders: tests/cli/setups.sh runs what can be run here.
EXTRA_DIST += \
	%D%/README.md \
	%D%/autolab/autograde-Makefile \
	%D%/autolab/driver.sh \
	%D%/cluster/parallel.sh \
	%D%/cluster/slurm.sh \
	%D%/coderunner/template.py \
	%D%/container/Containerfile \
	%D%/container/devcontainer.json \
	%D%/github/classroom.yml \
	%D%/gitlab/gitlab-ci.yml \
	%D%/gradescope/run_autograder \
	%D%/gradescope/setup.sh \
	%D%/prairielearn/info.json \
	%D%/prairielearn/question.html \
	%D%/prairielearn/tests/run.sh \
	%D%/vpl/vpl_evaluate.sh \
	$(end)
