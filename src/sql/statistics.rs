//! What a database knows of its tables without looking: how many rows they have, and how many of
//! them one value has on average.

use std::collections::HashMap;

use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::Untyped;

use super::Dialect;

/// Averages over whole tables; no value is told from another.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Statistics {
    /// Rows of a table.
    pub(in crate::sql) rows: HashMap<String, u64>,
    /// Rows of one value in the first column of an index, in the first two, …
    pub(in crate::sql) prefixes: HashMap<String, Vec<u64>>,
    /// Different values of a column, by table and name; below nought, their share of the rows.
    pub(in crate::sql) different: HashMap<(String, String), f64>,
}

impl Statistics {
    /// The rows of a table, where they are known.
    pub fn rows(&self, table: &str) -> Option<u64> {
        self.rows.get(table).copied()
    }

    /// The rows of a table of which one is told apart by values of some columns, those that an index
    /// is entered by; nothing where nothing is known.
    pub fn of_values(&self, table: &str, index: &str, columns: &[&str], rows: u64) -> Option<u64> {
        if let Some(prefixes) = self.prefixes.get(index) {
            let last = columns.len().min(prefixes.len()).checked_sub(1)?;
            return prefixes.get(last).copied();
        }
        let mut left = rows;
        let mut is_known = false;
        for column in columns {
            let key = (table.to_owned(), (*column).to_owned());
            if let Some(different) = self.different.get(&key) {
                is_known = true;
                left = divided(left, *different, rows);
            }
        }
        is_known.then_some(left)
    }
}

/// The share of `left` rows that one of so many values has.
fn divided(left: u64, different: f64, rows: u64) -> u64 {
    if different < 0.0 {
        // A share of the rows: one in `per` rows has a value of its own, and that many have each.
        let per = (-1.0 / different).round().max(1.0);
        let per: u64 = format!("{per:.0}").parse().unwrap_or(1);
        let values = rows.checked_div(per).unwrap_or_default().max(1);
        return left.div_ceil(values);
    }
    let values: u64 = format!("{:.0}", different.round())
        .parse()
        .unwrap_or_default();
    left.div_ceil(values.max(1))
}

/// The statement that reads them: three texts a row, for [`super::DialectName::note`].
#[derive(Debug)]
pub struct ReadStatistics;

/// One row where there are any.
#[derive(Debug)]
pub struct HasStatistics;

macro_rules! constant {
    ($($name:ident $text:ident;)*) => {
        $(impl QueryId for $name {
            type QueryId = ();
            const HAS_STATIC_QUERY_ID: bool = false;
        }

        impl Query for $name {
            type SqlType = Untyped;
        }

        impl<DB: Dialect> QueryFragment<DB> for $name {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
                out.push_sql(DB::$text);
                Ok(())
            }
        })*
    };
}

constant! {
    ReadStatistics STATISTICS;
    HasStatistics HAS_STATISTICS;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averages_are_of_indexes_or_of_columns() {
        let mut known = Statistics::default();
        let text = str::to_owned;
        known.prefixes.insert(text("I"), vec![100, 20]);
        known.different.insert((text("T"), text("A")), 4.0);
        known.different.insert((text("T"), text("B")), -0.5);
        for (index, columns, expected) in [
            ("I", &["x"][..], Some(100)),
            ("I", &["x", "y"], Some(20)),
            ("I", &["x", "y", "z"], Some(20)),
            ("J", &["A"], Some(250)),
            ("J", &["B"], Some(2)),
            ("J", &["A", "B"], Some(1)),
            ("J", &["C"], None),
            ("J", &[], None),
        ] {
            let found = known.of_values("T", index, columns, 1000);
            assert_eq!(found, expected, "{index} {columns:?}");
        }
    }
}
