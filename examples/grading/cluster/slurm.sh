#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#SBATCH --job-name=worldswitch-grade
#SBATCH --array=1-8
#SBATCH --cpus-per-task=1
#SBATCH --mem=2G
#SBATCH --time=00:30:00
#
# Slurm: each task of the array grades one part of a class.
#
#     sbatch slurm.sh handed-in 3
#     sbatch --dependency=afterok:JOB --wrap 'worldswitch grade --merge parts-JOB/* --report class -o class.txt'
#
# What to change: the lines #SBATCH; the array begins with 1.
# Run here: by tests/cli/setups.sh, with Slurm's variables set by hand; not under Slurm.

set -eu
folder=$1 lab=$2
: "${WORLDSWITCH:=worldswitch}" "${GRADE_OPTIONS=}"
parts=parts-${SLURM_ARRAY_JOB_ID:-here}
mkdir -p "$parts"

# shellcheck disable=SC2086 # GRADE_OPTIONS is a list of words
"$WORLDSWITCH" grade "$folder" --lesson "$lab" --report records --jobs "${SLURM_CPUS_PER_TASK:-1}" \
  --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" -o "$parts/$SLURM_ARRAY_TASK_ID" $GRADE_OPTIONS
