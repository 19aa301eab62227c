//! Rows that are no entities: a flat program of their values, with objects around those that a path
//! leads to.

use crate::diag::Result;
use crate::model::Model;
use crate::plan::{Expand, ExpandBody, GroupMember, GroupShape, GroupValue, Query};
use crate::value::Kind;

use super::cell::{CellAt, cell_at, plain_form};
use super::csv::{self, CellKind, TableColumn};
use super::program::{Constant, Program, Step, member_lead};
use super::style::{MetadataLevel, Notation, Style};
use super::value::Form;

/// The program of such rows.
pub(super) fn program<'m>(
    model: &'m Model,
    query: &Query,
    shape: &GroupShape,
    style: &Style,
) -> Result<Program<'m>> {
    let part = shape.part.map(|part| cell_at(model, query, part));
    let mut maker = Maker {
        model,
        query,
        style,
        part: part.transpose()?,
        program: Program {
            notation: style.notation,
            quoted: style.ieee754,
            skip_nulls: style.skip_nulls && style.notation == Notation::Json,
            text: Vec::new(),
            key: None,
            steps: Vec::new(),
        },
    };
    let members: Vec<&GroupMember> = shape.members.iter().collect();
    match (style.notation, style.metadata) {
        (Notation::Json, MetadataLevel::Minimal | MetadataLevel::Full) => {
            // OData JSON 4.01, 4.5.8: what has no address says so.
            let text = format!(",\"{}\":null", style.control.name("id"));
            let text = maker.constant(text.as_bytes());
            maker.program.steps.push(Step::Text(text));
        }
        (Notation::Json, MetadataLevel::None) | (Notation::Csv(_), _) => {}
    }
    match style.notation {
        Notation::Json => maker.object(&members, 0)?,
        Notation::Csv(_) => {
            for member in members {
                let lead = maker.constant(b",");
                maker.value(member, lead)?;
            }
        }
    }
    Ok(maker.program)
}

/// The columns of such rows as a table.
pub(super) fn columns(
    model: &Model,
    shape: &GroupShape,
    expands: &[Expand],
    columns: &mut Vec<TableColumn>,
) -> Result<()> {
    for member in &shape.members {
        let name = member.path.join(".");
        let kind = match member.value {
            GroupValue::Value(kind, _) => kind.into(),
            GroupValue::Link(_) | GroupValue::Date => CellKind::Text,
            GroupValue::Decimal => CellKind::Decimal,
            GroupValue::Expanded(number) => match expands.get(number) {
                Some(expand) if expand.body == ExpandBody::Entities => {
                    let inner = format!("{name}.");
                    csv::push_columns(model, &expand.shape, &inner, columns)?;
                    continue;
                }
                Some(_) | None => CellKind::Text,
            },
        };
        columns.push(TableColumn { name, kind });
    }
    Ok(())
}

/// What rows of a shape expand, in the order of their program.
pub(super) fn expanded<'p>(groups: &GroupShape, expands: &'p [Expand]) -> Vec<&'p Expand> {
    let one = |member: &GroupMember| match member.value {
        GroupValue::Expanded(number) => expands.get(number),
        GroupValue::Value(..) | GroupValue::Link(_) | GroupValue::Decimal | GroupValue::Date => {
            None
        }
    };
    groups.members.iter().filter_map(one).collect()
}

struct Maker<'m, 'a> {
    model: &'m Model,
    query: &'a Query,
    style: &'a Style,
    part: Option<CellAt<'m>>,
    program: Program<'m>,
}

impl<'m> Maker<'m, '_> {
    fn constant(&mut self, bytes: &[u8]) -> Constant {
        let start = self.program.text.len();
        self.program.text.extend_from_slice(bytes);
        start..self.program.text.len()
    }

    /// The members of one object, which are `depth` names deep.
    fn object(&mut self, members: &[&GroupMember], depth: usize) -> Result<()> {
        let mut rest = members;
        while let Some((first, _)) = rest.split_first() {
            let Some(name) = first.path.get(depth) else {
                rest = rest.get(1..).unwrap_or_default();
                continue;
            };
            // INVARIANT: members inside one object stand together.
            let same = |m: &&&GroupMember| m.path.get(depth) == Some(name);
            let together = rest.iter().take_while(same).count().max(1);
            let (inside, after) = rest.split_at_checked(together).unwrap_or((rest, &[]));
            let parts = inside.iter().fold(0, |all, member| all | member.parts);
            let place = self.limited(parts);
            if first.path.len() == depth + 1 {
                let mut lead = Vec::new();
                let typed = self.type_name(first);
                let typed = typed.as_deref().map(|typed| (typed, self.style.control));
                member_lead(&mut lead, name, typed);
                let lead = self.constant(&lead);
                self.value(first, lead)?;
            } else {
                let mut lead = Vec::new();
                member_lead(&mut lead, name, None);
                let lead = self.constant(&lead);
                self.program.steps.push(Step::Open(lead));
                self.object(inside, depth + 1)?;
                self.program.steps.push(Step::Close);
            }
            self.end(place, parts);
            rest = after;
        }
        Ok(())
    }

    /// Makes room for the step that keeps what follows to some parts; answers where.
    fn limited(&mut self, parts: u64) -> usize {
        let place = self.program.steps.len();
        if let Some(part) = self.part {
            self.program.steps.push(Step::Only(part, parts, 0));
        }
        place
    }

    /// Tells that step how many steps follow.
    fn end(&mut self, place: usize, parts: u64) {
        let steps = self.program.steps.len().saturating_sub(place + 1);
        if let (Some(part), Some(step)) = (self.part, self.program.steps.get_mut(place)) {
            *step = Step::Only(part, parts, steps);
        }
    }

    fn value(&mut self, member: &GroupMember, lead: Constant) -> Result<()> {
        let at = cell_at(self.model, self.query, member.position)?;
        let form = match member.value {
            GroupValue::Value(_, Some(id)) => Form::Code(self.model.enumeration(id)),
            GroupValue::Value(kind, None) => plain_form(kind, self.style),
            GroupValue::Link(entity) => {
                Form::Address(&self.model.entity(entity).set, self.style.control)
            }
            GroupValue::Decimal => Form::Millionths {
                quoted: self.style.ieee754,
            },
            GroupValue::Date => Form::Plain,
            GroupValue::Expanded(_) => {
                self.program.steps.push(Step::Hole(Some(at)));
                return Ok(());
            }
        };
        self.program.steps.push(Step::Value(lead, at, form));
        Ok(())
    }

    /// The type for `Name@odata.type`, where JSON alone does not tell it (OData JSON 4.01, section
    /// 4.6.3): at the level `full`, and for what the request has made, which no model tells.
    fn type_name(&self, member: &GroupMember) -> Option<String> {
        match self.style.metadata {
            MetadataLevel::Full => {}
            MetadataLevel::Minimal if member.made => {}
            MetadataLevel::Minimal | MetadataLevel::None => return None,
        }
        let name = match member.value {
            GroupValue::Value(_, Some(id)) => {
                return Some(format!("#Erp.{}", self.model.enumeration(id).type_name));
            }
            GroupValue::Value(Kind::String | Kind::Boolean, None)
            | GroupValue::Link(_)
            | GroupValue::Expanded(_) => return None,
            GroupValue::Value(kind, None) => kind.edm(),
            GroupValue::Decimal => "Decimal",
            GroupValue::Date => "Date",
        };
        Some(self.style.control.primitive(name))
    }
}
