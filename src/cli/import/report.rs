//! What an import did, as a table.

use std::fmt::Write as _;

use crate::service::{ImportTally, Imported, in_words};

/// Refusals that are told in words.
const TOLD: usize = 20;

/// What became of the objects.
#[derive(Debug)]
pub(super) struct Report {
    is_rehearsal: bool,
    pub(super) tally: ImportTally,
    refused: Vec<String>,
}

impl Report {
    pub(super) fn new(is_rehearsal: bool) -> Self {
        Self {
            is_rehearsal,
            tally: ImportTally::default(),
            refused: Vec::new(),
        }
    }

    /// Takes what became of an object.
    pub(super) fn hear(&mut self, imported: &Imported) {
        self.tally.count(&imported.outcome);
        if let Err(problem) = &imported.outcome
            && self.refused.len() < TOLD
        {
            let text = in_words(problem);
            self.refused.push(format!("{}: {text}", imported.place));
        }
    }

    /// Everything was undone.
    pub(super) fn forget(&mut self) {
        *self = Self::new(self.is_rehearsal);
    }

    /// The refusals, a line each.
    pub(super) fn refusals(&self) -> String {
        let mut text = String::new();
        for line in &self.refused {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  {line}");
        }
        let told = u64::try_from(self.refused.len()).unwrap_or(u64::MAX);
        let more = self.tally.refused.saturating_sub(told);
        if more > 0 {
            let _ = writeln!(text, "  and {more} more");
        }
        text
    }

    /// The table, and the refusals.
    pub(super) fn text(&self) -> String {
        let tally = &self.tally;
        let mut text = String::new();
        if self.is_rehearsal {
            text.push_str("Nothing was changed. What would be done:\n");
        }
        for (word, number) in [
            ("added", tally.added),
            ("changed", tally.modified),
            ("deleted", tally.deleted),
            ("unchanged", tally.unchanged),
            ("refused", tally.refused),
        ] {
            let _ = writeln!(text, "{word:<10}{number:>10}");
        }
        text.push_str(&self.refusals());
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Code, Problem};
    use crate::service::State;

    #[test]
    fn counts_and_first_refusals_are_told() {
        let mut report = Report::new(true);
        for number in 1..=25 {
            let problem = Problem::new(Code::ValueTooLong, "too long").about("Login");
            report.hear(&Imported {
                place: format!("line {number}"),
                outcome: Err(problem),
            });
        }
        report.hear(&Imported {
            place: "line 26".to_owned(),
            outcome: Ok((State::Added, None)),
        });
        let text = report.text();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 6 + TOLD + 1, "{text}");
        assert_eq!(lines[1], "added              1");
        assert_eq!(lines[5], "refused           25");
        assert_eq!(lines[6], "  line 1: `Login`: too long");
        assert_eq!(lines[26], "  and 5 more");
        report.forget();
        assert_eq!(report.tally, ImportTally::default());
    }
}
