//! Comma-separated values (RFC 4180), safe to open in a spreadsheet.
//!
//! Languages: a multi-language text is one cell with its JSON object, and one cell per language
//! where the request names them (`$select=Name/EN,Name/BG`). References are addresses. To-one
//! expansions become columns such as `Person.PartyName`; collections do not fit a row.

use crate::diag::{Code, Problem, Result};
use crate::model::{EntityId, Model};
use crate::plan::{Expand, ExpandBody, Link, Member, Shape};
use crate::value::{Kind, Scalar};

use super::cell::CellAt;
use super::program::{Constant, Step};
use super::style::CellGuard;
use super::value::Form;

/// A column of a table of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableColumn {
    /// The heading.
    pub name: String,
    /// What its cells hold.
    pub kind: CellKind,
}

/// What the cells of a column hold, as far as a workbook cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    /// Text, and all that a workbook has no type for.
    Text,
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// A number.
    Decimal,
    /// A point in time.
    Time,
}

impl From<Kind> for CellKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Boolean => Self::Boolean,
            Kind::Byte | Kind::Int16 | Kind::Int32 | Kind::Int64 => Self::Integer,
            Kind::DateTimeOffset => Self::Time,
            Kind::Guid | Kind::String | Kind::Binary | Kind::Multilanguage | Kind::Enumeration => {
                Self::Text
            }
        }
    }
}

impl From<&Scalar> for CellKind {
    fn from(value: &Scalar) -> Self {
        match value {
            Scalar::Decimal(_) | Scalar::Double(_) => Self::Decimal,
            Scalar::Null
            | Scalar::Boolean(_)
            | Scalar::Integer(_)
            | Scalar::Text(_)
            | Scalar::Guid(_)
            | Scalar::Date(_)
            | Scalar::Moment(_)
            | Scalar::TimeOfDay(_)
            | Scalar::Duration(_) => value.kind().into(),
        }
    }
}

/// Whether a spreadsheet may take a text for a formula: by its first sign, also in the width of East
/// Asian letters and behind blanks that it drops; by a tab or a line break at its start.
fn is_formula(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else {
        return true;
    };
    let is_dropped = |c: char| c.is_whitespace() || c.is_control() || is_invisible(c);
    let sign = text.trim_start_matches(is_dropped).chars().next();
    let is_sign = |c| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠');
    text.starts_with(['\t', '\r', '\n']) || sign.is_some_and(is_sign)
}

/// Whether a character is not seen and is no white space by name: zero widths, marks of direction,
/// the byte order mark.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}'
    )
}

/// Appends a cell, in quotes where it needs them. `write` appends the text and says whether it is
/// text that a person gave.
pub(super) fn cell(out: &mut Vec<u8>, guard: CellGuard, write: impl FnOnce(&mut Vec<u8>) -> bool) {
    let start = out.len();
    let free_text = write(out);
    let text = out.get(start..).unwrap_or_default();
    let formula = match guard {
        CellGuard::Verbatim => false,
        CellGuard::Neutralised => free_text && is_formula(text),
    };
    let quotes = text
        .iter()
        .any(|b| matches!(b, b',' | b'"' | b'\n' | b'\r'));
    if !formula && !quotes {
        return;
    }
    let text = out.split_off(start);
    if quotes {
        out.push(b'"');
    }
    if formula {
        out.push(b'\'');
    }
    for byte in text {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    if quotes {
        out.push(b'"');
    }
}

/// One cell per language.
pub(super) fn push_languages<'m>(
    steps: &mut Vec<Step<'m>>,
    lead: &Constant,
    at: CellAt<'m>,
    languages: &[String],
) {
    let step = |key: &String| Step::Value(lead.clone(), at, Form::OneLanguage(key.clone()));
    steps.extend(languages.iter().map(step));
}

/// The columns of a shape's rows, in the order in which programs write them.
///
/// Refuses expanded collections with [`Code::NotSupported`].
pub fn columns(model: &Model, shape: &Shape) -> Result<Vec<TableColumn>> {
    let mut columns = Vec::new();
    push_columns(model, shape, "", &mut columns)?;
    Ok(columns)
}

/// The first line of a file, without its end.
pub(super) fn heading(out: &mut Vec<u8>, columns: &[TableColumn]) {
    for (number, column) in columns.iter().enumerate() {
        if number > 0 {
            out.push(b',');
        }
        cell(out, CellGuard::Neutralised, |out| {
            out.extend_from_slice(column.name.as_bytes());
            true
        });
    }
}

/// The columns of a shape inside others, whose names start with `prefix`.
pub(super) fn push_columns(
    model: &Model,
    shape: &Shape,
    prefix: &str,
    columns: &mut Vec<TableColumn>,
) -> Result<()> {
    if let Some(groups) = &shape.groups {
        return super::groups::columns(model, groups, &shape.expands, columns);
    }
    push_members(
        model,
        shape,
        (shape.entity, &shape.members),
        prefix,
        columns,
    )
}

fn push_members(
    model: &Model,
    shape: &Shape,
    (entity, members): (EntityId, &[Member]),
    prefix: &str,
    columns: &mut Vec<TableColumn>,
) -> Result<()> {
    let entity = model.entity(entity);
    let column = |name: &str, kind: Kind| TableColumn {
        name: format!("{prefix}{name}"),
        kind: kind.into(),
    };
    for member in members {
        match member {
            Member::Attribute { id, languages, .. } => {
                let attribute = entity.attribute(*id);
                if languages.is_empty() {
                    columns.push(column(&attribute.name, attribute.kind));
                }
                let one = |key| column(&format!("{}.{key}", attribute.name), Kind::String);
                columns.extend(languages.iter().map(one));
            }
            Member::Custom { id, chosen, .. } => {
                if chosen.is_empty() {
                    columns.push(column(&entity.attribute(*id).name, Kind::String));
                }
                let of = (shape.entity, chosen.as_slice());
                push_members(model, shape, of, prefix, columns)?;
            }
            Member::CustomPart { path, kind, .. } => columns.push(column(path, *kind)),
            Member::OfType {
                entity, members, ..
            } => {
                let inner = format!("{prefix}Erp.{}/", model.entity(*entity).type_name);
                push_members(model, shape, (*entity, members), &inner, columns)?;
            }
            Member::Reference { id, .. } => {
                columns.push(column(&entity.reference(*id).name, Kind::String));
            }
            Member::Computed(of) => columns.push(TableColumn {
                kind: CellKind::from(&of.example),
                ..column(&of.name, Kind::String)
            }),
            Member::DisplayText(_) => columns.push(column("DisplayText", Kind::String)),
            Member::Expanded(number) => {
                let Some(expand) = shape.expands.get(*number) else {
                    continue;
                };
                match (expand.body, expand.link) {
                    (ExpandBody::Count, _) => {
                        columns.push(column(&format!("{}.$count", expand.name), Kind::Int64));
                    }
                    (ExpandBody::Links, Link::Reference { .. }) => {
                        columns.push(column(&expand.name, Kind::String));
                    }
                    (ExpandBody::Entities, Link::Reference { .. }) => {
                        let inner = format!("{prefix}{}.", expand.name);
                        push_columns(model, &expand.shape, &inner, columns)?;
                    }
                    (ExpandBody::Links | ExpandBody::Entities, Link::Collection { .. }) => {
                        return Err(collection_refused(expand));
                    }
                }
            }
        }
    }
    Ok(())
}

fn collection_refused(expand: &Expand) -> Problem {
    let name = &expand.name;
    Problem::new(
        Code::NotSupported,
        format!("the collection `{name}` does not fit into the rows of a table"),
    )
    .about(name.clone())
    .help("ask for `json` or `ndjson`, or for the children's own set")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_harmless() {
        for (text, free_text, expected) in [
            ("ann", true, "ann"),
            ("", true, ""),
            ("a,b", true, "\"a,b\""),
            ("say \"x\"", true, "\"say \"\"x\"\"\""),
            ("two\nlines", true, "\"two\nlines\""),
            ("=1+1", true, "'=1+1"),
            ("+3", true, "'+3"),
            ("-cmd|' /C'", true, "'-cmd|' /C'"),
            ("@SUM(A1,2)", true, "\"'@SUM(A1,2)\""),
            ("\tx", true, "'\tx"),
            ("\rx", true, "\"'\rx\""),
            ("\nx", true, "\"'\nx\""),
            ("＝1", true, "'＝1"),
            ("＋1", true, "'＋1"),
            ("－1", true, "'－1"),
            ("＠x", true, "'＠x"),
            (" =1", true, "' =1"),
            ("\u{a0}\u{3000}=1", true, "'\u{a0}\u{3000}=1"),
            ("\u{feff}\u{200b}＝1", true, "'\u{feff}\u{200b}＝1"),
            (" ann", true, " ann"),
            ("\u{a0}", true, "\u{a0}"),
            ("a=1", true, "a=1"),
            ("-17", false, "-17"),
        ] {
            let mut out = b"before,".to_vec();
            cell(&mut out, CellGuard::Neutralised, |out| {
                out.extend_from_slice(text.as_bytes());
                free_text
            });
            assert_eq!(
                String::from_utf8(out).unwrap(),
                format!("before,{expected}"),
                "{text}"
            );
        }
        let mut out = Vec::new();
        cell(&mut out, CellGuard::Verbatim, |out| {
            out.extend_from_slice(b"=1");
            true
        });
        assert_eq!(out, b"=1");
    }
}
