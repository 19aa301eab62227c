//! What a statement makes a database look at, in the terms of every database.
//!
//! Each database explains its statements in its own words (`dialect/`); what comes out here says
//! which tables are looked into by which index, and what is repeated for what. It holds no value of
//! a query, so that it can be kept and shown.

/// How a database would run a statement.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Explained {
    /// In its own words, a line for each step, without values.
    pub lines: Vec<String>,
    /// What it would look at.
    pub work: Work,
}

/// Rows looked at by one query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Work {
    /// From outer to inner: each step is taken for each row of those before it.
    pub steps: Vec<Step>,
    /// What happens once, beside the steps.
    pub beside: Vec<Work>,
    /// Whether all rows are gathered before the first comes out: they are sorted, or make groups.
    pub gathers: bool,
}

/// One step of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Looks into a table.
    Look(Look),
    /// Takes the rows of another query, which ran once.
    Inside(Box<Work>),
    /// Takes the rows of each of several queries.
    Either(Vec<Work>),
    /// Asks another query something about each row.
    Test(Box<Work>),
}

/// A look into a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// The table; where the database does not say which of several, all of them.
    pub tables: Vec<String>,
    /// The index, where one is used.
    pub index: Option<String>,
    /// The columns that the index is entered by; none where all of it is read.
    pub columns: Vec<(String, Entered)>,
}

/// How an index is entered by a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entered {
    /// At one value, or each of some.
    Value,
    /// At a range of values.
    Range,
}

impl Work {
    /// Work of one step.
    pub(in crate::sql) fn of(step: Step) -> Self {
        Self {
            steps: vec![step],
            ..Self::default()
        }
    }

    /// Adds what another piece of work does, inside of this one.
    pub(in crate::sql) fn nest(&mut self, inner: Self) {
        self.steps.extend(inner.steps);
        self.beside.extend(inner.beside);
    }

    /// All looks into tables, in their order.
    pub fn looks(&self) -> Vec<&Look> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect<'w>(&'w self, found: &mut Vec<&'w Look>) {
        for step in &self.steps {
            match step {
                Step::Look(look) => found.push(look),
                Step::Inside(work) | Step::Test(work) => work.collect(found),
                Step::Either(all) => all.iter().for_each(|work| work.collect(found)),
            }
        }
        self.beside.iter().for_each(|work| work.collect(found));
    }
}

impl Look {
    /// Whether a column leads into the index, and how.
    pub fn enters(&self, column: &str) -> Option<Entered> {
        let mut found = self.columns.iter().filter(|(name, _)| name == column);
        found.next().map(|(_, entered)| *entered)
    }

    /// Whether all rows of the table are looked at, or all entries of the index.
    pub fn is_whole(&self) -> bool {
        self.columns.is_empty()
    }
}

/// The columns that a condition on an index names on its left: `(a = ? AND b > ?)`. Texts in it have
/// been taken out.
pub(in crate::sql) fn entered(condition: &str, quote: char) -> Vec<(String, Entered)> {
    let mut found: Vec<(String, Entered)> = Vec::new();
    for part in condition.split(" AND ") {
        let Some(at) = part.find(['=', '<', '>', '~']) else {
            continue;
        };
        let (left, operator) = part.split_at(at);
        let entered = match operator.starts_with('=') {
            true => Entered::Value,
            false => Entered::Range,
        };
        let left = left.trim_start_matches(['(', ' ']);
        let left = left.trim_start_matches("ROW(");
        let left = left.split(',').next().unwrap_or_default();
        let left = left.split("::").next().unwrap_or_default();
        let left = left.trim_matches(['(', ')', ' ']);
        let column = left.rsplit('.').next().unwrap_or_default();
        let column = column.trim_matches(quote);
        if !column.is_empty() && !found.iter().any(|(name, _)| name == column) {
            found.push((column.to_owned(), entered));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_name_their_columns() {
        use Entered::{Range, Value};
        for (condition, quote, expected) in [
            ("(A=? AND B>?)", '`', &[("A", Value), ("B", Range)][..]),
            ("((A,B,C)>(?,?,?))", '`', &[("A", Range)]),
            ("(A>? AND A<?)", '`', &[("A", Range)]),
            ("(\"A_b\" = t0.\"C\")", '"', &[("A_b", Value)]),
            (
                "((t1.\"A\" = ANY ('')) AND (t1.x ~~ ''::text))",
                '"',
                &[("A", Value), ("x", Range)],
            ),
            ("(ROW(\"A\", \"B\") > ROW('', ''))", '"', &[("A", Range)]),
            ("((\"A\")::text >= ''::text)", '"', &[("A", Range)]),
            ("(a IS NULL)", '"', &[]),
        ] {
            let expected: Vec<_> = expected
                .iter()
                .map(|(n, e)| ((*n).to_owned(), *e))
                .collect();
            assert_eq!(entered(condition, quote), expected, "{condition}");
        }
    }
}
