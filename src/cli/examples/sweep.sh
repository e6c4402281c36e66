#!/bin/sh
# A sweep over learning rates and seeds, one run for each index: 3 rates × 3 seeds = indices 0 … 8.
#
#   sbatch --array=0-8 sweep.sh CONFIG.json RUNS      under Slurm, as many at a time as there are nodes
#   for i in 0 1 2 3 4 5 6 7 8; do INDEX=$i sh sweep.sh CONFIG.json RUNS; done      here, one after the other
#   npx unrolled report RUNS                          one page with all of them, also while they run
#
# An index that was interrupted goes on from its last checkpoint when it is started again.
#SBATCH --cpus-per-task=2
#SBATCH --mem=2G
#SBATCH --time=04:00:00
set -eu

config=$1
runs=$2
index=${SLURM_ARRAY_TASK_ID:-${INDEX:?give the index: INDEX=0 sh sweep.sh CONFIG.json RUNS}}
unrolled=${UNROLLED:-npx unrolled}

rate=$(echo 0.001 0.003 0.01 | cut -d " " -f $((index / 3 + 1)))
seed=$((index % 3 + 1))
out=$runs/lr-$rate-seed-$seed

if [ -e "$out/config.json" ]; then
  $unrolled resume "$out"
else
  $unrolled train "$config" --set "optimizer.lr=$rate" --set "model.seed=$seed" --out "$out"
fi
