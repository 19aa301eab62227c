//! How SQLite explains its plans, and what it knows of its tables.

use std::collections::HashMap;

use diesel::sqlite::Sqlite;

use super::super::{Explains, Line};
use crate::sql::Statistics;
use crate::sql::work::{Explained, Look, Step, Work, entered};

impl Explains for Sqlite {
    const EXPLAIN: &'static str = "EXPLAIN QUERY PLAN ";
    const EXPLAINED: [Option<usize>; 3] = [Some(0), Some(1), Some(3)];

    fn explained(lines: &[Line], sql: &str) -> Explained {
        let tree = Tree {
            lines,
            tables: tables(sql),
        };
        let mut shown = Vec::new();
        tree.show(0, 0, &mut shown);
        Explained {
            lines: shown,
            work: tree.work(0),
        }
    }

    const HAS_STATISTICS: &'static str =
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'sqlite_stat1'";
    const STATISTICS: &'static str =
        "SELECT tbl, idx, stat FROM sqlite_stat1 WHERE idx IS NOT NULL";

    /// `stat` is the number of rows, then that of one value in the first column, the first two, …
    fn note(known: &mut Statistics, (_, index, stat): (&str, &str, &str)) {
        let numbers = stat.split(' ').map_while(|number| number.parse().ok());
        let prefixes: Vec<u64> = numbers.skip(1).collect();
        known.prefixes.insert(index.to_owned(), prefixes);
    }
}

/// The lines of a plan, each below another.
struct Tree<'l> {
    lines: &'l [Line],
    /// Which tables a name in the statement stands for.
    tables: HashMap<&'l str, Vec<&'l str>>,
}

impl<'l> Tree<'l> {
    fn below(&self, parent: i64) -> impl Iterator<Item = &'l Line> {
        let lines = self.lines.iter();
        lines.filter(move |line| line.parent == parent && line.id != parent)
    }

    fn show(&self, parent: i64, depth: usize, out: &mut Vec<String>) {
        for line in self.below(parent) {
            out.push(format!("{}{}", "  ".repeat(depth), line.text));
            self.show(line.id, depth.saturating_add(1), out);
        }
    }

    /// The work of the lines below one.
    fn work(&self, parent: i64) -> Work {
        let (mut work, mut named) = (Work::default(), HashMap::new());
        for line in self.below(parent) {
            let (word, rest) = line.text.split_once(' ').unwrap_or((&line.text, ""));
            let inner = || self.work(line.id);
            match word {
                "SCAN" | "SEARCH" => work.steps.extend(self.look(rest, &named)),
                "MATERIALIZE" | "CO-ROUTINE" => {
                    named.insert(rest, inner());
                }
                "MULTI-INDEX" | "COMPOUND" | "MERGE" => {
                    let parts = self.below(line.id).map(|part| self.work(part.id));
                    work.steps.push(Step::Either(parts.collect()));
                }
                "CORRELATED" => work.steps.push(Step::Test(Box::new(inner()))),
                // Only the rows that are equal in the first keys, where it says so.
                "USE" => work.gathers |= !rest.contains("LAST") && !rest.contains("RIGHT PART"),
                _ => {
                    let inner = inner();
                    if inner != Work::default() {
                        work.beside.push(inner);
                    }
                }
            }
        }
        work
    }

    /// `t0 USING INDEX name (column=?)`, `t0`, `r`
    fn look(&self, rest: &'l str, named: &HashMap<&str, Work>) -> Option<Step> {
        let (name, how) = rest.split_once(' ').unwrap_or((rest, ""));
        if let Some(work) = named.get(name) {
            return Some(Step::Inside(Box::new(work.clone())));
        }
        // A list of values, or a row of them.
        if how.contains("VIRTUAL TABLE") || name == "CONSTANT" {
            return None;
        }
        let index = how.split_once("INDEX ").map(|(_, after)| after);
        let index = index.and_then(|after| after.split(' ').next());
        // An index that is made for the statement has no name.
        let index = index.filter(|index| !index.is_empty() && !index.starts_with('('));
        let condition = how.split_once('(').map(|(_, after)| after);
        let tables = self.tables.get(name).cloned();
        let tables = tables.unwrap_or_else(|| vec![name]);
        Some(Step::Look(Look {
            tables: tables.into_iter().map(str::to_owned).collect(),
            index: index.map(str::to_owned),
            columns: condition.map_or_else(Vec::new, |text| entered(text, '`')),
        }))
    }
}

/// The tables of a statement by the names that it gives them: `` `table` AS t0 ``.
fn tables(sql: &str) -> HashMap<&str, Vec<&str>> {
    let mut tables: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut before = "";
    for piece in sql.split("` AS ") {
        let alias = piece.split([' ', ')', ',']).next().unwrap_or_default();
        let table = before.rsplit('`').next().unwrap_or_default();
        let known = tables.entry(alias).or_default();
        if !before.is_empty() && !known.contains(&table) {
            known.push(table);
        }
        before = piece;
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(all: &[(i64, i64, &str)]) -> Vec<Line> {
        let line = |(id, parent, text): &(i64, i64, &str)| Line {
            id: *id,
            parent: *parent,
            text: (*text).to_owned(),
        };
        all.iter().map(line).collect()
    }

    #[test]
    fn names_lead_to_tables() {
        let sql = "SELECT t0.`A` FROM `Users` AS t0 LEFT JOIN `Domains` AS t1 ON 1 WHERE t0.`B` \
                   IN (SELECT s1t0.`C` FROM `Members` AS s1t0)";
        let found = tables(sql);
        for (alias, table) in [("t0", "Users"), ("t1", "Domains"), ("s1t0", "Members")] {
            assert_eq!(found.get(alias).map(Vec::as_slice), Some(&[table][..]));
        }
    }

    #[test]
    fn plans_become_work() {
        let sql = "SELECT 1 FROM `Users` AS t0 JOIN `Domains` AS t1";
        let plan = lines(&[
            (3, 0, "SEARCH t0 USING COVERING INDEX IX_A (A=? AND B>?)"),
            (
                7,
                0,
                "SEARCH t1 USING INDEX sqlite_autoindex_D_1 (D=?) LEFT-JOIN",
            ),
            (9, 0, "CORRELATED LIST SUBQUERY 1"),
            (12, 9, "SCAN s1t0"),
            (20, 0, "LIST SUBQUERY 2"),
            (22, 20, "SCAN json_each VIRTUAL TABLE INDEX 1:"),
            (30, 0, "USE TEMP B-TREE FOR LAST TERM OF ORDER BY"),
        ]);
        let explained = Sqlite::explained(&plan, sql);
        assert_eq!(explained.lines.len(), 7);
        assert_eq!(explained.lines[3], "  SCAN s1t0");
        let work = explained.work;
        assert!(!work.gathers && work.beside.is_empty());
        let [Step::Look(users), Step::Look(domains), Step::Test(test)] = work.steps.as_slice()
        else {
            panic!("{work:?}");
        };
        assert_eq!(users.tables, ["Users"]);
        assert_eq!(users.index.as_deref(), Some("IX_A"));
        assert_eq!(users.columns.len(), 2);
        assert_eq!(domains.tables, ["Domains"]);
        assert!(test.looks()[0].is_whole());
    }

    #[test]
    fn groups_and_parts_are_inside() {
        let plan = lines(&[
            (2, 0, "CO-ROUTINE r"),
            (5, 2, "SCAN t0 USING COVERING INDEX IX_A"),
            (6, 2, "USE TEMP B-TREE FOR GROUP BY"),
            (9, 0, "SCAN r"),
            (11, 0, "USE TEMP B-TREE FOR ORDER BY"),
        ]);
        let work =
            Sqlite::explained(&plan, "SELECT 1 FROM (SELECT 1 FROM `Users` AS t0) AS r").work;
        assert!(work.gathers);
        let [Step::Inside(inner)] = work.steps.as_slice() else {
            panic!("{work:?}");
        };
        assert!(inner.gathers && inner.looks()[0].is_whole());
        let either = lines(&[
            (1, 0, "MULTI-INDEX OR"),
            (2, 1, "INDEX 1"),
            (3, 2, "SEARCH t0 USING INDEX IX_A (A=?)"),
            (4, 1, "INDEX 2"),
            (5, 4, "SEARCH t0 USING INDEX IX_B (B=?)"),
        ]);
        let work = Sqlite::explained(&either, "").work;
        assert_eq!(work.looks().len(), 2);
    }
}
