/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole public interface of libworldswitch. Each noun has a header of its own; those who need one noun include
 * that header alone.
 */
#ifndef WORLDSWITCH_WORLDSWITCH_H
#define WORLDSWITCH_WORLDSWITCH_H

#include <worldswitch/ablation.h>
#include <worldswitch/audit.h>
#include <worldswitch/buffer.h>
#include <worldswitch/context.h>
#include <worldswitch/cross.h>
#include <worldswitch/crossing.h>
#include <worldswitch/disasm.h>
#include <worldswitch/event.h>
#include <worldswitch/exception.h>
#include <worldswitch/forward.h>
#include <worldswitch/fpu.h>
#include <worldswitch/halt.h>
#include <worldswitch/hosted.h>
#include <worldswitch/image.h>
#include <worldswitch/lab.h>
#include <worldswitch/lint.h>
#include <worldswitch/machine.h>
#include <worldswitch/paging.h>
#include <worldswitch/process.h>
#include <worldswitch/reason.h>
#include <worldswitch/registers.h>
#include <worldswitch/segment.h>
#include <worldswitch/session.h>
#include <worldswitch/state.h>
#include <worldswitch/status.h>
#include <worldswitch/storm.h>
#include <worldswitch/timeline.h>
#include <worldswitch/view.h>
#include <worldswitch/why.h>
#include <worldswitch/world.h>

#endif
