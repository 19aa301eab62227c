//! Runs a program over one row.

use uuid::Uuid;

use crate::diag::{Code, Problem, Result};
use crate::store::{Cell, Row};
use crate::value::Scalar;

use super::cell::{CellAt, CustomForm};
use super::csv;
use super::escape::json_string;
use super::formula::{self, Compiled};
use super::program::{Constant, Piece, Program, Step};
use super::style::Notation;
use super::value::{self, Form};

/// A place in encoded rows where what a target or children give goes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hole {
    /// How many bytes come before it.
    pub(super) at: usize,
    /// The guid of the target or of the parent; nothing where the reference is null.
    pub(super) guid: Option<Uuid>,
    /// Whether the row has the property: only rows of its type do.
    pub(super) there: bool,
    /// Whether it comes before all other members of an object inside the row, which starts with it.
    pub(super) opens: bool,
}

/// An object inside the row whose end has not come yet.
struct Opened {
    /// Where its members start.
    at: usize,
    /// Whether a hole is the first of them.
    starts_in_hole: bool,
}

impl Opened {
    /// Whether it has no members yet.
    fn is_empty(&self, out: &[u8]) -> bool {
        !self.starts_in_hole && self.at == out.len()
    }
}

/// The guid in a cell, or nothing for null.
pub(super) fn guid<R: Row>(row: &R, at: CellAt<'_>) -> Result<Option<Uuid>> {
    row.cell(at.position, at.kind, |cell| match cell {
        Cell::Null => Ok(None),
        Cell::Guid(guid) => Ok(Some(guid)),
        Cell::Boolean(_)
        | Cell::Integer(_)
        | Cell::Text(_)
        | Cell::Timestamp(_)
        | Cell::Binary(_) => Err(Problem::new(
            Code::Internal,
            "a column of guids gives another kind of value",
        )),
    })?
}

/// The key of a row.
pub(super) fn key<R: Row>(row: &R, at: CellAt<'_>) -> Result<Uuid> {
    guid(row, at)?.ok_or_else(|| Problem::new(Code::Internal, "a row has no key"))
}

/// The version of a row, for its entity tag.
pub(super) fn version<R: Row>(row: &R, at: CellAt<'_>) -> Result<Option<i64>> {
    row.cell(at.position, at.kind, |cell| cell.integer())
}

/// Turns the members written since `start`, each with its comma before it, into an object.
pub(super) fn close_object(out: &mut Vec<u8>, start: usize) {
    match out.get_mut(start) {
        Some(comma) => *comma = b'{',
        None => out.push(b'{'),
    }
    out.push(b'}');
}

impl Program<'_> {
    fn constant(&self, range: &Constant) -> &[u8] {
        self.text.get(range.clone()).unwrap_or_default()
    }

    /// Appends the members of a row, each with a comma before it, and notes its holes in the
    /// order of the program.
    pub(super) fn write<R: Row>(
        &self,
        row: &R,
        out: &mut Vec<u8>,
        holes: &mut Vec<Hole>,
    ) -> Result<()> {
        let key = match self.key {
            Some(at) => key(row, at)?,
            None => Uuid::nil(),
        };
        let mut buffer = [0; uuid::fmt::Hyphenated::LENGTH];
        let key_text = key.hyphenated().encode_lower(&mut buffer).as_bytes();
        let (mut opened, mut skipped) = (Vec::<Opened>::new(), 0);
        for step in &self.steps {
            if skipped > 0 {
                skipped -= 1;
                if let Step::Hole(_) = step {
                    holes.push(Hole {
                        at: out.len(),
                        guid: None,
                        there: false,
                        opens: false,
                    });
                }
                continue;
            }
            match step {
                Step::Text(text) => out.extend_from_slice(self.constant(text)),
                Step::Key(before, after) => {
                    out.extend_from_slice(self.constant(before));
                    out.extend_from_slice(key_text);
                    out.extend_from_slice(self.constant(after));
                }
                Step::Version(lead, at) => {
                    if let Some(number) = version(row, *at)? {
                        out.extend_from_slice(self.constant(lead));
                        super::scalar::integer(out, number);
                        out.extend_from_slice(b"\\\"\"");
                    }
                }
                Step::Value(lead, at, form) => self.value(row, lead, *at, form, out)?,
                Step::Custom(lead, cells, form) => self.custom(row, lead, cells, form, out)?,
                Step::Display(lead, pieces) => {
                    out.extend_from_slice(self.constant(lead));
                    self.display(row, pieces, out)?;
                }
                Step::Computed(lead, formula) => self.computed(row, lead, formula, out)?,
                Step::Hole(at) => {
                    let empty = opened.last_mut().filter(|object| object.is_empty(out));
                    let opens = empty.map(|object| object.starts_in_hole = true).is_some();
                    holes.push(Hole {
                        at: out.len(),
                        guid: match at {
                            Some(at) => guid(row, *at)?,
                            None => Some(key),
                        },
                        there: true,
                        opens,
                    });
                }
                Step::Type(derived, own) => {
                    let mut found = own.as_ref();
                    for (at, text) in derived {
                        if guid(row, *at)?.is_some() {
                            found = Some(text);
                            break;
                        }
                    }
                    if let Some(text) = found {
                        out.extend_from_slice(self.constant(text));
                    }
                }
                Step::Of(at, steps) => {
                    skipped = match guid(row, *at)? {
                        Some(_) => 0,
                        None => *steps,
                    };
                }
                Step::Open(lead) => {
                    out.extend_from_slice(self.constant(lead));
                    opened.push(Opened {
                        at: out.len(),
                        starts_in_hole: false,
                    });
                }
                Step::Close => match opened.pop() {
                    Some(object) if !object.starts_in_hole => close_object(out, object.at),
                    Some(_) | None => out.push(b'}'),
                },
                Step::Only(at, parts, steps) => {
                    let part = row.cell(at.position, at.kind, |cell| cell.integer())?;
                    let bit = part.and_then(|part| u32::try_from(part).ok());
                    let bit = bit.and_then(|bit| 1_u64.checked_shl(bit)).unwrap_or(0);
                    skipped = if parts & bit == 0 { *steps } else { 0 };
                }
            }
        }
        Ok(())
    }

    fn value<R: Row>(
        &self,
        row: &R,
        lead: &Constant,
        at: CellAt<'_>,
        form: &Form<'_>,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let start = out.len();
        out.extend_from_slice(self.constant(lead));
        match self.notation {
            Notation::Json => {
                let null = row.cell(at.position, at.kind, |cell| value::json(out, cell, form))?;
                if null && self.skip_nulls {
                    out.truncate(start);
                }
            }
            Notation::Csv(guard) => {
                row.cell(at.position, at.kind, |cell| {
                    csv::cell(out, guard, |out| value::text(out, cell, form).free_text);
                })?;
            }
        }
        Ok(())
    }

    fn computed<R: Row>(
        &self,
        row: &R,
        lead: &Constant,
        formula: &Compiled<'_>,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let (value, start) = (formula.value(row)?, out.len());
        out.extend_from_slice(self.constant(lead));
        match self.notation {
            Notation::Json => {
                if formula::json(out, &value, self.quoted) && self.skip_nulls {
                    out.truncate(start);
                }
            }
            Notation::Csv(guard) => csv::cell(out, guard, |out| {
                out.extend_from_slice(value.text().unwrap_or_default().as_bytes());
                matches!(value, Scalar::Text(_))
            }),
        }
        Ok(())
    }

    /// The value of a custom property: null where the object has none.
    fn custom<R: Row>(
        &self,
        row: &R,
        lead: &Constant,
        cells: &[CellAt<'_>; 3],
        form: &CustomForm,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let start = out.len();
        out.extend_from_slice(self.constant(lead));
        if custom(row, cells, form, out)? && self.skip_nulls {
            out.truncate(start);
        }
        Ok(())
    }

    fn display<R: Row>(&self, row: &R, pieces: &[Piece<'_>], out: &mut Vec<u8>) -> Result<()> {
        let text = display_text(row, pieces)?;
        match self.notation {
            Notation::Json => json_string(out, &text),
            Notation::Csv(guard) => csv::cell(out, guard, |out| {
                out.extend_from_slice(text.as_bytes());
                true
            }),
        }
        Ok(())
    }
}

/// Appends the value of a custom property: what it is, what it stands for, what it means; answers
/// whether it is null, all of it.
pub(super) fn custom<R: Row>(
    row: &R,
    cells: &[CellAt<'_>; 3],
    form: &CustomForm,
    out: &mut Vec<u8>,
) -> Result<bool> {
    let start = out.len();
    if let Some(control) = form.typed {
        out.extend_from_slice(b",\"");
        out.extend_from_slice(control.name("type").as_bytes());
        out.extend_from_slice(b"\":\"#Erp.CustomPropertyValue\"");
    }
    const NAMES: [&[u8]; 3] = [b",\"Value\":", b",\"ValueId\":", b",\"Description\":"];
    let mut nothing = true;
    for ((name, at), form) in NAMES.iter().zip(cells).zip(&form.parts) {
        let before = out.len();
        out.extend_from_slice(name);
        let written = form.as_ref().unwrap_or(&Form::Plain);
        nothing &= row.cell(at.position, at.kind, |cell| value::json(out, cell, written))?;
        if form.is_none() {
            out.truncate(before);
        }
    }
    if nothing {
        out.truncate(start);
        out.extend_from_slice(b"null");
    } else {
        close_object(out, start);
    }
    Ok(nothing)
}

/// The display text of a row.
pub(super) fn display_text<R: Row>(row: &R, pieces: &[Piece<'_>]) -> Result<String> {
    let mut text = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Literal(words) => text.extend_from_slice(words.as_bytes()),
            Piece::Value(at, form) => {
                row.cell(at.position, at.kind, |cell| {
                    value::text(&mut text, cell, form);
                })?;
            }
        }
    }
    String::from_utf8(text)
        .map_err(|_| Problem::new(Code::Internal, "a display text is not valid text"))
}
