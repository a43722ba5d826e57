# SPDX-License-Identifier: GPL-2.0-or-later
EXTRA_DIST += %D%/bochs.sh %D%/bochs_hosted.sh %D%/bochs_vmm.sh %D%/lib.sh
