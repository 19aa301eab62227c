//! Conditions that an index of trigrams may narrow, and those of them that it does.
//!
//! A row in which a text is has all runs of three characters of that text. An index of them gives
//! such rows, and some more; the condition itself stays beside it, so it can be wrong about nothing.
//! Where many rows have them all it is of no use: a page in the order of keys then soon meets
//! enough. So whoever runs a statement looks first (`store`), and says which texts are rare, and where.
//! See `docs/decisions/030-trigrams.md`.

use crate::model::{ColumnNo, EntityId, IndexMethod, Model};
use crate::plan::{Column, MatchKind, Predicate, Query, Source, Term};
use crate::value::Value;

/// Texts of one statement that are looked up, at most.
const MOST: usize = 16;
/// Runs of one text that are looked up, at most.
const MOST_RUNS: usize = 12;
/// The length of a run.
const RUN: usize = 3;

/// A text that is looked for, and the index that may know where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rare {
    /// The entity in whose table it is looked for.
    pub entity: EntityId,
    /// The folded column.
    pub column: ColumnNo,
    /// The index for `contains` that the model has for it.
    pub index: String,
    needle: String,
    /// Runs of the text, each once, spread over all of it.
    pub(in crate::sql) runs: Vec<String>,
}

/// The texts that are in few rows, with the numbers of those: what statements read.
#[derive(Debug, Default)]
pub struct Few(Vec<Found>);

/// A text, and where it may be.
#[derive(Debug)]
pub(in crate::sql) struct Found {
    rare: Rare,
    /// The numbers of the rows that have all its runs.
    pub(in crate::sql) rows: Vec<Value>,
}

/// What a statement has where nothing was looked up.
pub(in crate::sql) const NONE: &Few = &Few(Vec::new());

impl Few {
    /// Adds a text that has been looked up, and the numbers of the rows that have all its runs.
    pub fn add(&mut self, rare: Rare, rows: &[i64]) {
        let rows = rows.iter().copied().map(Value::Integer).collect();
        self.0.push(Found { rare, rows });
    }

    /// The texts, each with the number of rows that have all its runs.
    pub fn texts(&self) -> impl Iterator<Item = (&Rare, u64)> {
        let rows = |found: &Found| u64::try_from(found.rows.len()).unwrap_or(u64::MAX);
        self.0.iter().map(move |found| (&found.rare, rows(found)))
    }

    /// What is known of a text in a term; nothing where no index helps.
    pub(in crate::sql) fn of(&self, term: &Term, needle: &str) -> Option<(Column, &Found)> {
        if self.0.is_empty() {
            return None;
        }
        let column = column(term)?;
        let found = self.0.iter().find(|Found { rare, .. }| {
            rare.entity == column.table && rare.column == column.no && rare.needle == needle
        });
        found.map(|found| (column, found))
    }
}

/// The texts that a query looks for where an index may know them.
pub fn looked_for(model: &Model, query: &Query) -> Vec<Rare> {
    let mut found = Vec::new();
    collect_query(model, query, &mut found);
    found
}

/// The same for a condition alone.
pub fn looked_for_in(model: &Model, predicate: &Predicate) -> Vec<Rare> {
    let mut found = Vec::new();
    collect(model, predicate, &mut found);
    found
}

fn collect_query(model: &Model, query: &Query, found: &mut Vec<Rare>) {
    collect(model, &query.predicate, found);
    match query.over.as_deref() {
        None => {}
        Some(Source::Groups(groups)) => collect_query(model, &groups.of, found),
        Some(Source::Cut(cut)) => collect_query(model, &cut.of, found),
        Some(Source::Concat(concat)) => {
            let parts = concat.parts.iter();
            parts.for_each(|part| collect_query(model, &part.query, found));
        }
    }
}

fn collect(model: &Model, predicate: &Predicate, found: &mut Vec<Rare>) {
    match predicate {
        Predicate::All(parts) | Predicate::Any(parts) => {
            parts.iter().for_each(|part| collect(model, part, found));
        }
        Predicate::Match {
            term,
            kind,
            needle,
            negated: false,
            ..
        } => {
            if found.len() < MOST
                && let Some(rare) = rare(model, term, *kind, needle)
                && !found.contains(&rare)
            {
                found.push(rare);
            }
        }
        Predicate::Within {
            negated: false,
            query,
            ..
        } => collect(model, &query.predicate, found),
        Predicate::Always
        | Predicate::Never
        | Predicate::Compare { .. }
        | Predicate::OneOf { .. }
        | Predicate::Null { .. }
        | Predicate::Match { .. }
        | Predicate::Within { .. }
        | Predicate::Counted { .. }
        | Predicate::Outer { .. } => {}
    }
}

fn rare(model: &Model, term: &Term, kind: MatchKind, needle: &str) -> Option<Rare> {
    let column = column(term)?;
    let table = model.table(column.table);
    let first = |method| {
        let mut indexes = table.indexes.iter().filter(move |i| i.method == method);
        indexes.find(|index| index.columns.first() == Some(&column.no))
    };
    let index = first(IndexMethod::Substring)?;
    let is_range = kind == MatchKind::StartsWith && matches!(term, Term::Column(_));
    if is_range && first(IndexMethod::Ordered).is_some() {
        return None;
    }
    let runs = runs(needle);
    (!runs.is_empty()).then(|| Rare {
        entity: column.table,
        column: column.no,
        index: index.name.clone(),
        needle: needle.to_owned(),
        runs,
    })
}

/// The column whose text holds that of a term.
fn column(term: &Term) -> Option<Column> {
    match term {
        Term::Column(column)
        | Term::Language { shadow: column, .. }
        | Term::LanguageOrFirst { shadow: column, .. } => Some(*column),
        Term::Trimmed(inner) | Term::Piece { of: inner, .. } => self::column(inner),
        Term::TimePart { .. } | Term::Output(_) => None,
    }
}

/// Runs of a text; none where it is shorter than one.
fn runs(needle: &str) -> Vec<String> {
    let chars: Vec<char> = needle.chars().collect();
    // No stored text has it, and it would end a text that is handed to the database.
    if chars.contains(&'\0') {
        return Vec::new();
    }
    let step = chars.len().div_ceil(MOST_RUNS).max(1);
    let mut runs: Vec<String> = Vec::new();
    for run in chars.windows(RUN).step_by(step) {
        let run: String = run.iter().collect();
        if !runs.contains(&run) {
            runs.push(run);
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_those_of_characters_and_bounded() {
        assert_eq!(runs("щит"), ["щит"]);
        assert_eq!(runs("абвг"), ["абв", "бвг"]);
        assert_eq!(runs("aaaaaa"), ["aaa"]);
        assert_eq!(runs("a\u{1f600}b"), ["a\u{1f600}b"]);
        for short in ["", "a", "аб", "\u{1f600}\u{1f600}", "a\0bc"] {
            assert_eq!(runs(short), Vec::<String>::new(), "{short:?}");
        }
        let long: String = ('a'..='z').chain('0'..='9').cycle().take(1000).collect();
        assert!(runs(&long).len() <= MOST_RUNS);
    }

    #[test]
    fn what_an_index_may_know() {
        let model = Model::shipped().unwrap();
        let users = model.set("Systems_Security_Users").unwrap();
        let of = model.entity(users);
        let shadow = |name: &str| {
            let stored = of.stored(of.attribute_named(name).unwrap()).unwrap();
            Term::Column(Column {
                slot: crate::plan::Slot::BASE,
                table: users,
                no: stored.shadow.unwrap(),
            })
        };
        let looked = |name: &str, kind, needle: &str, negated| {
            let predicate = Predicate::Match {
                term: shadow(name),
                kind,
                needle: needle.to_owned(),
                negated,
                or_null: false,
            };
            let found = looked_for_in(&model, &predicate);
            found.into_iter().map(|rare| rare.index).next()
        };
        let name = Some("IX_Sec_Users_Name_Substring".to_owned());
        let login = Some("IX_Sec_Users_Login_Substring".to_owned());
        assert_eq!(looked("Name", MatchKind::Contains, "ева", false), name);
        assert_eq!(looked("Name", MatchKind::StartsWith, "ева", false), name);
        assert_eq!(looked("Login", MatchKind::EndsWith, "ева", false), login);
        // An ordered index gives exactly these.
        assert_eq!(looked("Login", MatchKind::StartsWith, "ева", false), None);
        assert_eq!(looked("Name", MatchKind::Contains, "ев", false), None);
        assert_eq!(looked("Name", MatchKind::Contains, "ева", true), None);
    }
}
