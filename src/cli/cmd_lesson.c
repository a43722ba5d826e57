/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lesson: list, show, start, check, hint, quiz.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <worldswitch/image.h>

#include "base/printable.h"
#include "cli/lesson_quiz.h"
#include "front/options.h"
#include "front/output.h"
#include "lesson/build.h"
#include "lesson/lesson.h"
#include "lesson/markdown.h"
#include "lesson/state.h"

enum { COLUMNS = 80, TEXT_BYTES = 1 << 20 };

/* What an action works on. */
struct work {
    const struct ws__options *options;
    struct ws__lessons lessons;
    struct ws__lesson lesson; /* the one that was named; for list: none */
    struct ws__output output;
    char **word; /* behind the lab's number */
    unsigned words;
    char student[WS__STUDENT];
};

/* -- the student's folder ------------------------------------------------------------------------------ */

/* Where this lab was started: here, or in the folder that `start` makes if none is named; NULL: in neither. */
static const char *folder_of(const char *name, struct ws__state *state)
{
    ws__state_read(state, ".");
    if (!strcmp(state->lesson, name))
        return ".";
    ws__state_read(state, name);
    return !strcmp(state->lesson, name) ? name : NULL;
}

static int state_write(const struct ws__state *state, const char *folder)
{
    errno = 0;
    if (ws__state_write(state, folder) == WS_OK)
        return WS__EXIT_DONE;
    ws__complain(NULL, "cannot write \"%s/%s\": %s", folder, WS__STATE_FILE, strerror(errno));
    return WS__EXIT_HOST;
}

/* -- opening ------------------------------------------------------------------------------------------- */

static int lesson_open(struct ws__lesson *lesson, const struct ws__lessons *lessons, size_t index, const char *student)
{
    struct ws_buffer why = WS_BUFFER_INIT;
    enum ws_status status = ws__lesson_open(lesson, lessons, index, student, &why);
    int result = status == WS_OK ? WS__EXIT_DONE : ws__complain_why(status, lessons->name[index], &why);
    ws_buffer_release(&why);
    return result;
}

/* Whose variant: the one that was named, or the one that was started. */
static const char *student_of(struct work *work, const char *name)
{
    struct ws__state state;
    if (work->options->student)
        snprintf(work->student, sizeof work->student, "%s", work->options->student);
    else if (folder_of(name, &state))
        snprintf(work->student, sizeof work->student, "%s", state.student);
    return work->student;
}

static int lesson_named(struct work *work)
{
    if (work->options->student && strlen(work->options->student) >= WS__STUDENT) {
        ws__complain("give it a name of at most 63 bytes", "\"%s\" is too long for a student's name",
                     work->options->student);
        return WS__EXIT_USAGE;
    }
    if (!work->words) {
        ws__complain("\"worldswitch lesson list\" says which there are", "name the lab: its number");
        return WS__EXIT_USAGE;
    }
    size_t index;
    int result = ws__lessons_named(&work->lessons, work->word[0], &index);
    if (result != WS__EXIT_DONE)
        return result;
    work->word++;
    work->words--;
    return lesson_open(&work->lesson, &work->lessons, index, student_of(work, work->lessons.name[index]));
}

static int words_most(const struct work *work, unsigned most)
{
    if (work->words <= most)
        return WS__EXIT_DONE;
    ws__complain("\"worldswitch lesson --help\" says what may follow", "\"%s\" is one word too many", work->word[most]);
    return WS__EXIT_USAGE;
}

static int text_read(const struct work *work, struct ws_buffer *out)
{
    char path[WS__LESSON_PATH];
    ws__lesson_path(&work->lesson, "lesson.md", path);
    errno = 0;
    enum ws_status status = ws_file_read(path, TEXT_BYTES, out);
    return status == WS_OK ? WS__EXIT_DONE : ws__complain_unread(status, path);
}

/* What a user calls the lab. */
static unsigned long number_of(const struct work *work)
{
    return strtoul(work->lesson.name, NULL, 10);
}

/* -- list, show, hint ---------------------------------------------------------------------------------- */

static void state_append(struct work *work, const char *name)
{
    struct ws__state state;
    struct ws_buffer *out = &work->output.pending;
    if (!folder_of(name, &state))
        ws_buffer_printf(out, "\n");
    else if (!state.most)
        ws_buffer_printf(out, "  started\n");
    else if (state.points < state.best)
        ws_buffer_printf(out, "  %u of %u (best: %u)\n", state.points, state.most, state.best);
    else
        ws_buffer_printf(out, "  %u of %u%s\n", state.points, state.most, state.points == state.most ? ", passed" : "");
}

/* Does a person read it? */
static bool is_for_terminal(const struct work *work)
{
    return !work->options->output && !work->options->quiet && isatty(STDOUT_FILENO);
}

/* A lab that is broken must not hide the others. */
static int list_row(struct work *work, size_t index)
{
    struct ws_buffer *out = &work->output.pending, why = WS_BUFFER_INIT;
    const char *name = work->lessons.name[index];
    int result = WS__EXIT_DONE;
    enum ws_status status = ws__lesson_open(&work->lesson, &work->lessons, index, "", &why);
    if (status == WS_NO_MEMORY || why.failed) {
        result = ws__complain_status(WS_NO_MEMORY, name);
    } else if (status != WS_OK) {
        ws_buffer_printf(out, "%2.2s  cannot be read: %s\n", name,
                         why.size ? ws_buffer_text(&why) : ws_status_text(status));
    } else {
        ws_buffer_printf(out, "%2.2s  %-40s %3u min %3u points", name, ws_buffer_text(&work->lesson.title),
                         work->lesson.minutes, work->lesson.points);
        state_append(work, name);
    }
    ws_buffer_release(&why);
    ws__lesson_release(&work->lesson);
    return result;
}

static int action_list(struct work *work)
{
    int result = words_most(work, 0);
    for (size_t i = 0; i < work->lessons.count && result == WS__EXIT_DONE; i++)
        result = list_row(work, i);
    if (result == WS__EXIT_DONE && is_for_terminal(work))
        ws_buffer_printf(&work->output.pending,
                         "\nworldswitch lesson show %.2s    what to do in it\n"
                         "worldswitch lesson start %.2s   get a file to begin with\n",
                         work->lessons.name[0], work->lessons.name[0]);
    return result;
}

static int action_show(struct work *work)
{
    struct ws_buffer text = WS_BUFFER_INIT, shown = WS_BUFFER_INIT, title = WS_BUFFER_INIT;
    int result = words_most(work, 0);
    ws_buffer_printf(&title, "Lab %lu: %s", number_of(work), ws_buffer_text(&work->lesson.title));
    if (result == WS__EXIT_DONE)
        result = text_read(work, &text);
    if (result == WS__EXIT_DONE) {
        ws__markdown_without(ws_buffer_text(&text), "Hints", &shown);
        if (!work->options->html) {
            ws__markdown_terminal(ws_buffer_text(&shown), COLUMNS, &work->output.pending);
            if (is_for_terminal(work))
                ws_buffer_printf(&work->output.pending, "\nPage by page: worldswitch lesson show %lu | less\n",
                                 number_of(work));
        } else if (ws__markdown_html(ws_buffer_text(&shown), ws_buffer_text(&title), &work->output.pending) ==
                   WS_UNSUPPORTED) {
            ws__complain("install libcmark-dev, then configure and build again", "this copy was built without cmark");
            result = WS__EXIT_HOST;
        }
    }
    if (result == WS__EXIT_DONE && (text.failed || shown.failed || title.failed))
        ws__output_fail(&work->output, WS_NO_MEMORY);
    ws_buffer_release(&text);
    ws_buffer_release(&shown);
    ws_buffer_release(&title);
    return result;
}

/* Which hint: the one that was named, if it was shown before; or the next one. */
static int hint_choose(const struct work *work, unsigned shown, unsigned *number)
{
    char *end = NULL;
    unsigned long named = work->words ? strtoul(work->word[0], &end, 10) : 0;
    *number = end ? (unsigned)named : shown + 1;
    if (!end || (!*end && named && (named == 1 || named <= shown)))
        return WS__EXIT_DONE;
    ws__complain("without a number, the next hint comes", "hint \"%s\" was not shown yet", work->word[0]);
    return WS__EXIT_USAGE;
}

/* Show the next hint, or, if there is no further one, the last. */
static int hint_write(struct work *work, const struct ws_buffer *hints)
{
    struct ws__state state;
    struct ws_buffer hint = WS_BUFFER_INIT, next = WS_BUFFER_INIT;
    const char *folder = folder_of(work->lesson.name, &state);
    unsigned number;
    int result = hint_choose(work, folder ? state.hints : 0, &number);
    if (result != WS__EXIT_DONE)
        return result;
    if (!ws__markdown_item(ws_buffer_text(hints), number, &hint) && number > 1)
        ws__markdown_item(ws_buffer_text(hints), --number, &hint);
    bool more = ws__markdown_item(ws_buffer_text(hints), number + 1, &next);
    ws_buffer_printf(&work->output.pending, "Hint %u:\n\n", number);
    ws__markdown_terminal(ws_buffer_text(&hint), COLUMNS, &work->output.pending);
    if (!more)
        ws_buffer_printf(&work->output.pending, "\nThis is the last one.\n");
    else if (!folder)
        ws_buffer_printf(&work->output.pending,
                         "\nThe next ones come when the lab was started: \"worldswitch lesson "
                         "start %lu\".\n",
                         number_of(work));
    if (folder && number > state.hints) {
        state.hints = number;
        result = state_write(&state, folder);
    }
    if (hint.failed || next.failed)
        ws__output_fail(&work->output, WS_NO_MEMORY);
    ws_buffer_release(&hint);
    ws_buffer_release(&next);
    return result;
}

static int action_hint(struct work *work)
{
    struct ws_buffer text = WS_BUFFER_INIT, hints = WS_BUFFER_INIT;
    int result = words_most(work, 1);
    if (result == WS__EXIT_DONE)
        result = text_read(work, &text);
    if (result == WS__EXIT_DONE && !ws__markdown_section(ws_buffer_text(&text), "Hints", &hints)) {
        ws__complain(NULL, "the lab \"%s\" has no hints", work->lesson.name);
        result = WS__EXIT_USAGE;
    }
    if (result == WS__EXIT_DONE)
        result = hint_write(work, &hints);
    if (hints.failed)
        ws__output_fail(&work->output, WS_NO_MEMORY);
    ws_buffer_release(&text);
    ws_buffer_release(&hints);
    return result;
}

/* -- start --------------------------------------------------------------------------------------------- */

static int file_put(const char *path, const struct ws_buffer *content)
{
    errno = 0;
    if (ws_file_write(path, content->data, content->size) == WS_OK)
        return WS__EXIT_DONE;
    ws__complain(NULL, "cannot write \"%s\": %s", path, strerror(errno));
    return WS__EXIT_HOST;
}

/* What the student gets besides the starter.  It can be had again at any time: an old one is replaced. */
static int handouts_put(const struct work *work, const char *folder)
{
    struct ws__handout handout[WS__LESSON_HANDOUTS] = {{.name = WS_BUFFER_INIT}};
    struct ws_buffer why = WS_BUFFER_INIT;
    char path[2 * WS__LESSON_PATH];
    size_t count;
    enum ws_status status = ws__lesson_handouts(&work->lesson, handout, &count, &why);
    int result = status == WS_OK ? WS__EXIT_DONE : ws__complain_why(status, work->lesson.name, &why);
    for (size_t i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, ws_buffer_text(&handout[i].name));
        if (result == WS__EXIT_DONE)
            result = file_put(path, &handout[i].bytes);
        ws_buffer_release(&handout[i].name);
        ws_buffer_release(&handout[i].bytes);
    }
    ws_buffer_release(&why);
    return result;
}

/* A file that is there is the student's work: it is never written over. */
static int starter_put(struct work *work, const char *folder, const struct ws_buffer *starter)
{
    char path[WS__LESSON_PATH];
    const char *file = ws_buffer_text(&work->lesson.file);
    struct ws__state state = {.hints = 0};
    snprintf(path, sizeof path, "%s/%s", folder, file);
    if (mkdir(folder, 0777) < 0 && errno != EEXIST) {
        ws__complain(NULL, "cannot make the folder \"%s\": %s", folder, strerror(errno));
        return WS__EXIT_HOST;
    }
    if (access(path, F_OK) == 0) {
        ws__complain("name another folder, or move that file away", "\"%s\" is there already", path);
        return WS__EXIT_USAGE;
    }
    int result = handouts_put(work, folder);
    if (result == WS__EXIT_DONE)
        result = file_put(path, starter);
    if (result != WS__EXIT_DONE)
        return result;
    snprintf(state.student, sizeof state.student, "%s", work->student);
    snprintf(state.lesson, sizeof state.lesson, "%s", work->lesson.name);
    if (!work->options->quiet)
        ws_buffer_printf(&work->output.pending,
                         "%s is where to begin.\n  worldswitch lesson show %lu    what to do\n"
                         "  worldswitch lesson check %lu   whether it is right\n"
                         "  worldswitch lesson hint %lu    when you are stuck\n",
                         path, number_of(work), number_of(work), number_of(work));
    return state_write(&state, folder);
}

static int action_start(struct work *work)
{
    struct ws_buffer starter = WS_BUFFER_INIT, why = WS_BUFFER_INIT;
    int result = words_most(work, 1);
    if (result == WS__EXIT_DONE) {
        enum ws_status status = ws__lesson_starter(&work->lesson, &starter, &why);
        if (status != WS_OK)
            result = ws__complain_why(status, work->lesson.name, &why);
    }
    if (result == WS__EXIT_DONE)
        result = starter_put(work, work->words ? work->word[0] : work->lesson.name, &starter);
    ws_buffer_release(&starter);
    ws_buffer_release(&why);
    return result;
}

/* -- check --------------------------------------------------------------------------------------------- */

/* What is handed in: a file, or answers on the command line. */
struct handed {
    char path[WS__LESSON_PATH]; /* "": on the command line */
    char folder[WS__LESSON_PATH];
    struct ws_buffer text;
};

/* Is the word "name=answer"? */
static bool word_is_answer(const struct work *work, const char *word)
{
    size_t name = strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-_");
    return name && word[name] == '=' && ws__lesson_asks(&work->lesson);
}

static int answers_take(const struct work *work, struct handed *handed)
{
    for (unsigned i = 0; i < work->words; i++) {
        size_t name = strcspn(work->word[i], "=");
        if (!word_is_answer(work, work->word[i])) {
            ws__complain("such as: length=45", "\"%s\" is not an answer", work->word[i]);
            return WS__EXIT_USAGE;
        }
        ws_buffer_printf(&handed->text, "%.*s: %s\n", (int)name, work->word[i], work->word[i] + name + 1);
    }
    return WS__EXIT_DONE;
}

/* The file that was named, or the one where the lab was started. */
static void path_choose(struct work *work, struct handed *handed)
{
    struct ws__state state;
    const char *folder = folder_of(work->lesson.name, &state), *file = ws_buffer_text(&work->lesson.file);
    if (work->words)
        snprintf(handed->path, sizeof handed->path, "%s", work->word[0]);
    else
        snprintf(handed->path, sizeof handed->path, "%s/%s", folder ? folder : ".", file);
    snprintf(handed->folder, sizeof handed->folder, "%s", handed->path);
    char *slash = strrchr(handed->folder, '/');
    strcpy(slash ? slash : handed->folder, slash ? "" : ".");
    if (slash == handed->folder)
        strcpy(handed->folder, "/");
}

static int handed_take(struct work *work, struct handed *handed)
{
    struct ws_buffer why = WS_BUFFER_INIT;
    strcpy(handed->folder, ".");
    if (work->words && word_is_answer(work, work->word[0]))
        return answers_take(work, handed);
    int result = words_most(work, 1);
    if (result != WS__EXIT_DONE)
        return result;
    path_choose(work, handed);
    enum ws_status status = ws__source_read(handed->path, &handed->text, &why);
    if (status == WS_BAD_FILE && !work->words && !why.failed) {
        ws__complain("\"worldswitch lesson start\" makes one to begin with; or name yours", "%s", ws_buffer_text(&why));
        result = WS__EXIT_USAGE;
    } else if (status != WS_OK) {
        result = ws__complain_why(status, handed->path, &why);
    }
    ws_buffer_release(&why);
    return result;
}

/* The run of the first mistake, to be looked at: where the lab was started, or else here. */
static void session_write(struct work *work, const struct ws__report *report, const char *folder)
{
    char path[WS__LESSON_PATH + WS__LESSON_NAME + 8];
    if (!report->session)
        return;
    const struct ws__result *result = &report->result[report->session_of];
    snprintf(path, sizeof path, "%s/%s.wsr", folder, work->lesson.name);
    enum ws_status status =
        ws_session_mark_set(report->session, "mistake", result->mark, ws_buffer_text(&result->name));
    /* The folder may be a student's: a link of that name must not lead the recording to another file. */
    if (status == WS_OK && unlink(path) < 0 && errno != ENOENT)
        return;
    if (status == WS_OK)
        status = ws_session_write(report->session, path);
    if (status == WS_NO_MEMORY)
        ws__output_fail(&work->output, status);
    if (status != WS_OK) /* a note that does not fit, a file that cannot be written: that is no reason to fail */
        return;
    ws_buffer_printf(&work->output.pending, "to look at it: worldswitch view %s@mistake\n",
                     strncmp(path, "./", 2) ? path : path + 2);
}

static int report_write(struct work *work, const struct ws__report *report, const struct handed *handed)
{
    struct ws__state state;
    ws__report_text(report, &work->output.pending);
    ws__state_read(&state, handed->folder);
    bool started = !strcmp(state.lesson, work->lesson.name);
    session_write(work, report, started ? handed->folder : ".");
    if (!started)
        return WS__EXIT_DONE;
    state.points = ws__report_points(report);
    state.best = state.points > state.best ? state.points : state.best;
    state.most = ws__report_most(report);
    return state_write(&state, handed->folder);
}

static int verdict_tell(struct work *work, enum ws__verdict verdict, const struct ws__report *report,
                        const struct handed *handed, const struct ws_buffer *why)
{
    const char *what = *handed->path ? handed->path : "the answers";
    int result;
    switch (why->failed ? WS__VERDICT_NO_MEMORY : verdict) {
    case WS__VERDICT_PASSED:
    case WS__VERDICT_WANTING:
        result = report_write(work, report, handed);
        return result == WS__EXIT_DONE && verdict == WS__VERDICT_WANTING ? WS__EXIT_WANTING : result;
    case WS__VERDICT_UNBUILT:
        ws__complain(NULL, "\"%s\" does not become a program", what);
        ws_buffer_printf(&work->output.pending, "%s", ws_buffer_text(why));
        ws_buffer_printf(&work->output.pending, "%s", why->size && why->data[why->size - 1] != '\n' ? "\n" : "");
        return WS__EXIT_USAGE;
    case WS__VERDICT_NO_TOOL:
        ws__complain("install gcc and binutils", "there is no compiler for the guest's code here");
        return WS__EXIT_HOST;
    case WS__VERDICT_BROKEN:
        if (ws__output_done(&work->output))
            return WS__EXIT_DONE; /* the user has ended it: the output says so */
        ws__complain("this is the lab's mistake, not yours: please report it", "%s", ws_buffer_text(why));
        return WS__EXIT_HOST;
    default:
        return ws__complain_status(WS_NO_MEMORY, what);
    }
}

static int action_check(struct work *work)
{
    struct handed handed = {.text = WS_BUFFER_INIT};
    struct ws_buffer why = WS_BUFFER_INIT;
    const struct ws__report *report;
    int result = handed_take(work, &handed);
    if (result == WS__EXIT_DONE) {
        enum ws__verdict verdict =
            ws__lesson_check(&work->lesson, ws_buffer_text(&handed.text), handed.text.size, &report, &why);
        result = verdict_tell(work, verdict, report, &handed, &why);
    }
    ws_buffer_release(&handed.text);
    ws_buffer_release(&why);
    return result;
}

/* -- quiz ---------------------------------------------------------------------------------------------- */

static int action_quiz(struct work *work)
{
    int result = words_most(work, 0);
    return result == WS__EXIT_DONE ? ws__lesson_quiz(&work->lesson, work->student, work->options, &work->output)
                                   : result;
}

/* -- the command --------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    bool lesson; /* a lab's number follows */
    int (*act)(struct work *work);
} action[] = {
    {"list", false, action_list},  {"show", true, action_show}, {"start", true, action_start},
    {"check", true, action_check}, {"hint", true, action_hint}, {"quiz", true, action_quiz},
};

static int action_do(struct work *work, size_t which)
{
    int result = ws__output_open(&work->output, work->options->output);
    if (result != WS__EXIT_DONE)
        return result;
    if (action[which].lesson)
        result = lesson_named(work);
    if (result == WS__EXIT_DONE)
        result = action[which].act(work);
    work->output.nothing = result != WS__EXIT_DONE && !work->output.pending.size;
    ws__lesson_release(&work->lesson);
    ws__output_done(&work->output);
    return ws__output_close(&work->output, result);
}

int ws__cmd_lesson(const struct ws__options *options)
{
    static char list[] = "list", *only_list[] = {list};
    struct work work = {.options = options,
                        .word = options->words ? options->word : only_list,
                        .words = options->words ? options->words : 1};
    size_t which = 0, actions = sizeof action / sizeof action[0];
    while (which < actions && strcmp(action[which].name, work.word[0]) != 0)
        which++;
    if (which == actions) {
        ws__complain("such as: worldswitch lesson show 1", "\"%s\" is none of list, show, start, check, hint, quiz",
                     work.word[0]);
        return WS__EXIT_USAGE;
    }
    work.word++;
    work.words--;
    int result = ws__lessons_open(&work.lessons);
    return result == WS__EXIT_DONE ? action_do(&work, which) : result;
}
