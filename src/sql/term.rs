//! Values computed from the columns of a row.

use diesel::query_builder::AstPass;
use diesel::result::QueryResult;

use super::Dialect;
use super::scope::{Scope, walk_column};
use crate::plan::Term;

/// A term.
pub(in crate::sql) fn walk_term<'b, DB: Dialect>(
    out: &mut AstPass<'_, 'b, DB>,
    scope: &Scope<'b>,
    term: &'b Term,
) -> QueryResult<()> {
    match term {
        Term::Column(column) => walk_column(out, scope, *column),
        Term::Trimmed(inner) => DB::walk_trimmed(out, |out| walk_term(out, scope, inner)),
        Term::Language { shadow, key } => {
            DB::walk_language(out, |out| walk_column(out, scope, *shadow), key)
        }
        Term::LanguageOrFirst { shadow, key } => {
            out.push_sql("coalesce(");
            DB::walk_language(out, |out| walk_column(out, scope, *shadow), key)?;
            out.push_sql(", ");
            DB::walk_first_language(out, |out| walk_column(out, scope, *shadow))?;
            out.push_sql(")");
            Ok(())
        }
        Term::TimePart { of, part } => {
            DB::walk_time_part(out, *part, |out| walk_term(out, scope, of))
        }
        Term::Piece { of, start, length } => {
            out.push_sql("substr(");
            walk_term(out, scope, of)?;
            for number in [start, length] {
                out.push_sql(", CAST(");
                DB::walk_number(out, number)?;
                out.push_sql(" AS integer)");
            }
            out.push_sql(")");
            Ok(())
        }
        Term::Output(output) => {
            out.push_sql("r.c");
            out.push_sql(itoa::Buffer::new().format(output.no));
            Ok(())
        }
    }
}
