//! One prompt: what a reviewer needs at once, and the depth below it.

use super::cases::{self, Group};
use super::detail::Detail;
use super::parts::{REASON_CHARS, bullets, diff, folded, row};
use crate::report::sentence::{
    Cause, Place, Shared, causes, concerned, confirmed_fixes, mended, weakest, what_to_do,
};
use crate::report::slices::explanation_sentence;
use crate::report::untrusted::{fenced, inline_code, plain, prose};
use crate::report::wording::{self, count};
use crate::report::{CaseFinding, CaseStatus, Guarantee, PromptReport, Rate, Report, numbers};
use crate::verdict::{Reason, Verdict};

/// Longest sentence shown, in characters.
pub(super) const SENTENCE_CHARS: usize = 2_000;
/// Groups of cases that broke alike; the rest is counted.
const CAUSES: usize = 6;
/// Cases named in one group.
const NAMED: usize = 6;

/// Scores, why, what broke, what to do now.
pub(super) fn summary(report: &Report, p: &PromptReport, detail: &Detail) -> String {
    let next = what_to_do(report, p, Place::PullRequest);
    let mut out = format!("{}{}\n\n", scores(p), why(&p.sentence));
    out.push_str(&what_broke(p));
    out.push_str(&format!("**What to do now:** {}", prose(&next.text, SENTENCE_CHARS)));
    match next.accept {
        Some(lines) if detail.accept => {
            let summary = format!("Accept a break: lines for {}", inline_code("prompt-assay.yaml"));
            let fold = folded(&summary, &fenced("yaml", &lines, usize::MAX));
            out.push_str(&format!(" Is a break intended? Accept it with the lines below.\n\n{fold}"));
        }
        Some(_) => out
            .push_str(&format!(" Is a break intended? Accept it in {}.\n\n", inline_code("accepted_breaks"))),
        None => out.push_str("\n\n"),
    }
    out
}

/// The sentence, with its beginning in bold if it is a statement of its own.
fn why(sentence: &str) -> String {
    match sentence.strip_prefix("Not bad luck:") {
        Some(rest) => format!("**Not bad luck:** {}", prose(rest, SENTENCE_CHARS)),
        None => prose(sentence, SENTENCE_CHARS),
    }
}

/// Old and new, each with a bar.
fn scores(p: &PromptReport) -> String {
    let sides: Vec<String> = [("old", p.baseline), ("**new**", p.candidate)]
        .into_iter()
        .filter_map(|(side, rate)| rate.filter(|rate| rate.of > 0).map(|rate| score(side, rate)))
        .collect();
    match sides.is_empty() {
        true => String::new(),
        false => format!("| Prompt | Passes |\n|:--|:--|\n{}\n", sides.concat()),
    }
}

/// On a phone the number goes below its bar, but not apart.
fn score(side: &str, rate: Rate) -> String {
    let passes = wording::times(rate).replace(' ', "&nbsp;");
    row(&[side.to_owned(), format!("`{}` {passes}", wording::bar(rate))])
}

/// The cases that the verdict is about, by what they share.
fn what_broke(p: &PromptReport) -> String {
    let (title, cases) = concerned(p);
    let mut out = listed(title, &causes(cases));
    if let Some(sentence) = explanation_sentence(p) {
        out.push_str(&format!("{}\n\n", prose(&sentence, REASON_CHARS)));
    }
    if p.verdict == Verdict::Mixed {
        out.push_str(&listed("What was fixed", &mended(confirmed_fixes(p))));
    }
    if p.verdict == Verdict::Regression && !p.fixed.is_empty() {
        out.push_str(&format!("{} got better.\n\n", count(p.fixed.len(), "other case")));
    }
    out
}

fn listed(title: &str, causes: &[Cause<'_>]) -> String {
    if causes.is_empty() {
        return String::new();
    }
    let mut lines: String = causes.iter().take(CAUSES).map(|cause| format!("- {}\n", line(cause))).collect();
    let rest: usize = causes.iter().skip(CAUSES).map(|cause| cause.cases.len()).sum();
    if rest > 0 {
        lines.push_str(&format!("- **{rest}** for other reasons\n"));
    }
    format!("**{title}**\n\n{lines}\n")
}

/// `**3** not JSON – `a`, `b`, `c``.
fn line(cause: &Cause<'_>) -> String {
    let what = match cause.what {
        Shared::Reason(reason) => plain(reason, REASON_CHARS),
        Shared::Check(check) => format!("{} {}", cause.verb(), inline_code(check)),
        Shared::Score => "a lower score".to_owned(),
    };
    let names: Vec<String> = cause.cases.iter().take(NAMED).map(|case| inline_code(&case.id)).collect();
    let more = match cause.cases.len().saturating_sub(NAMED) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    format!("**{}** {what} – {}{more}", cause.cases.len(), names.join(", "))
}

/// Everything below the next step, folded: the edit, the cases, the certainty.
pub(super) fn depth(report: &Report, p: &PromptReport, detail: &Detail) -> String {
    let mut out = the_edit(p, detail);
    out.extend(groups(p, detail).iter().map(|group| cases::group(group, detail)));
    out.push_str(&cases::reasons("without a usable answer", &p.lost, detail.names));
    out.push_str(&cases::reasons("accepted as broken", &p.accepted, detail.names));
    if detail.warnings > 0 && !p.notes.is_empty() {
        out.push_str(&format!("{}\n", bullets(&p.notes, detail.warnings)));
    }
    if detail.numbers && p.head.cases.total > 0 {
        out.push_str(&certainty(p, report.guarantee));
    }
    out
}

/// Those that decide are in sight, the others behind their number.
fn groups<'a>(p: &'a PromptReport, detail: &Detail) -> Vec<Group<'a>> {
    let open = |mark, cases: Vec<&'a CaseFinding>, depth| Group { title: mark, cases, depth, open: true };
    let folded = |title, cases: Vec<&'a CaseFinding>, depth| Group { title, cases, depth, open: false };
    let all = |cases: &'a [CaseFinding]| cases.iter().collect::<Vec<_>>();
    let mut groups =
        vec![open("❌", all(&p.must_pass), detail.broken), open("❌", all(&p.failing), detail.broken)];
    let (steady, mixed) = p.flaky.iter().partition(|case| case.passed_every_rerun());
    if p.reason == Reason::OverallDrop {
        groups.push(open("🔻", weakest(p), detail.broken));
    } else {
        let mark = if p.reason == Reason::MarginalBreaks { "❓" } else { "❌" };
        groups.push(open(mark, all(&p.broken), detail.broken));
        groups.push(open("❓", all(&p.unresolved), detail.unresolved));
        groups.push(folded("passed in some repetitions only: too few to tell", mixed, detail.flaky));
    }
    groups.push(folded("flaky: failed once, passed when asked again", steady, detail.flaky));
    let (confirmed, once) = p.fixed.iter().partition(|case| case.status == CaseStatus::FixConfirmed);
    groups.push(folded("better, and again when asked again", confirmed, detail.fixed));
    groups.push(folded("better, asked once", once, detail.fixed));
    groups.push(folded(
        "not because of this change: the old prompt fails, too",
        all(&p.drifting),
        detail.flaky,
    ));
    groups
}

fn the_edit(p: &PromptReport, detail: &Detail) -> String {
    let place = inline_code(&format!("{}:{}", p.head.catalog, p.head.line));
    let mut what = prose(&wording::change(&p.head.change, &p.head.causes), REASON_CHARS);
    if let Some([old, new]) = wording::exchanged_models(p) {
        what.push_str(&format!("; {} → {}", inline_code(old), inline_code(new)));
    }
    if p.diff.is_empty() || detail.diff_lines == 0 {
        return format!("The change: {what} in {place}.\n\n");
    }
    let summary = format!("<b>The change</b> {} in {place} ({what})", wording::diff_size(&p.diff));
    folded(&summary, &diff(&p.diff, detail.diff_lines))
}

/// How sure is this?
fn certainty(p: &PromptReport, guarantee: Guarantee) -> String {
    let lines = numbers::certainty(p, guarantee);
    let link = format!("[How the verdict comes about]({})\n", numbers::EXPLAINED);
    folded("How sure is this?", &format!("{}\n{link}", bullets(&lines, lines.len())))
}
