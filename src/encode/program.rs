//! A shape, taken apart once per query into a flat list of steps that every row runs.
//!
//! Names are escaped and put into one buffer together with the punctuation before them, so that a
//! row costs one copy per member and one conversion per value.

mod navigation;

use std::ops::Range;

use crate::diag::{Code, Problem, Result};
use crate::model::{Attribute, Entity, EntityId, Model};
use crate::plan::{DisplayPiece, Expand, Link, Member, Query, Shape};
use crate::value::{Kind, Scalar};

use super::cell::{CellAt, CustomForm, cell_at, form, part_form};
use super::csv::push_languages;
use super::escape::json_escaped;
use super::formula::Compiled;
use super::style::{Control, MetadataLevel, Notation, Style};
use super::value::Form;

/// Constant bytes, as a range of [`Program::text`].
pub(super) type Constant = Range<usize>;

/// One step of a row.
#[derive(Debug)]
pub(super) enum Step<'m> {
    /// Constant bytes.
    Text(Constant),
    /// The guid of the row between constant bytes.
    Key(Constant, Constant),
    /// Constant bytes, the version of the row and `\""`; nothing where the version is null.
    Version(Constant, CellAt<'m>),
    /// Constant bytes and a value.
    Value(Constant, CellAt<'m>, Form<'m>),
    /// Constant bytes and the value of a custom property: the short value, what it stands for, what
    /// it means; what of it is written.
    Custom(Constant, [CellAt<'m>; 3], CustomForm),
    /// Constant bytes and a display text.
    Display(Constant, Vec<Piece<'m>>),
    /// Constant bytes and a computed value.
    Computed(Constant, Compiled<'m>),
    /// A place for what the row's target or children give; its guid is at the cell, or is the key.
    Hole(Option<CellAt<'m>>),
    /// The type of the row: the constant bytes of the first derived type whose key is not null, else
    /// the last ones, if any.
    Type(Vec<(CellAt<'m>, Constant)>, Option<Constant>),
    /// Only rows whose guid at the cell is not null run so many steps that follow.
    Of(CellAt<'m>, usize),
    /// Constant bytes, and the start of an object.
    Open(Constant),
    /// The end of the object.
    Close,
    /// Only rows whose number at the cell has its bit here run so many steps that follow.
    Only(CellAt<'m>, u64, usize),
}

/// A piece of a display text.
#[derive(Debug)]
pub(super) enum Piece<'m> {
    /// Text as it stands.
    Literal(String),
    /// A value, as people read it.
    Value(CellAt<'m>, Form<'m>),
}

/// The steps of one query's rows.
#[derive(Debug)]
pub(super) struct Program<'m> {
    /// How it writes.
    pub(super) notation: Notation,
    /// Whether null members are left out.
    pub(super) skip_nulls: bool,
    /// Whether whole numbers of 64 bits are strings.
    pub(super) quoted: bool,
    /// All constant bytes.
    pub(super) text: Vec<u8>,
    /// Where the key is; rows that are no entities have none.
    pub(super) key: Option<CellAt<'m>>,
    /// The steps. Each member writes its comma before it, also the first.
    pub(super) steps: Vec<Step<'m>>,
}

/// The pieces of a display text.
pub(super) fn pieces<'m>(
    model: &'m Model,
    query: &Query,
    pieces: &[DisplayPiece],
    style: &Style,
) -> Result<Vec<Piece<'m>>> {
    let piece = |piece: &DisplayPiece| match piece {
        DisplayPiece::Literal(text) => Ok(Piece::Literal(text.clone())),
        DisplayPiece::Value {
            entity,
            attribute,
            position,
        } => {
            let attribute = model.entity(*entity).attribute(*attribute);
            let at = cell_at(model, query, *position)?;
            let form = if attribute.kind == Kind::Multilanguage {
                Form::SpokenLanguage(style.language.clone())
            } else {
                form(model, attribute, &[], style)
            };
            Ok(Piece::Value(at, form))
        }
    };
    pieces.iter().map(piece).collect()
}

impl<'m> Program<'m> {
    /// Puts constant bytes before all steps.
    pub(super) fn insert_first(&mut self, bytes: &[u8]) {
        let start = self.text.len();
        self.text.extend_from_slice(bytes);
        self.steps.insert(0, Step::Text(start..self.text.len()));
    }

    /// The program of whole entities.
    pub(super) fn entities(
        model: &'m Model,
        query: &Query,
        shape: &Shape,
        style: &Style,
    ) -> Result<Self> {
        if let Some(groups) = &shape.groups {
            return super::groups::program(model, query, groups, style);
        }
        let mut maker = Maker::new(model, query, shape, style)?;
        match style.notation {
            Notation::Json => maker.identity()?,
            Notation::Csv(_) => {}
        }
        for member in &shape.members {
            maker.member(member)?;
        }
        match (style.notation, style.metadata) {
            (Notation::Json, MetadataLevel::Full) => maker.navigation_links(),
            (Notation::Csv(_), _) | (_, MetadataLevel::None | MetadataLevel::Minimal) => {}
        }
        Ok(maker.program)
    }

    /// The program of addresses: `{"@odata.id":"Set(guid)"}`.
    pub(super) fn links(
        model: &'m Model,
        query: &Query,
        shape: &Shape,
        style: &Style,
    ) -> Result<Self> {
        let mut maker = Maker::new(model, query, shape, style)?;
        match style.notation {
            Notation::Json => maker.address(),
            Notation::Csv(_) => {
                let set = &maker.entity.set;
                maker.key_step(&format!(",{set}("), ")");
            }
        }
        Ok(maker.program)
    }
}

/// Builds a program step by step.
struct Maker<'m, 'a> {
    model: &'m Model,
    entity: &'m Entity,
    query: &'a Query,
    shape: &'a Shape,
    style: &'a Style,
    program: Program<'m>,
    /// Inside what only rows of a derived type have: where their key as such is.
    within: Option<CellAt<'m>>,
}

impl<'m, 'a> Maker<'m, 'a> {
    fn new(model: &'m Model, query: &'a Query, shape: &'a Shape, style: &'a Style) -> Result<Self> {
        let program = Program {
            notation: style.notation,
            skip_nulls: style.skip_nulls && style.notation == Notation::Json,
            quoted: style.ieee754,
            text: Vec::with_capacity(32 * shape.members.len()),
            key: Some(cell_at(model, query, shape.key)?),
            steps: Vec::with_capacity(shape.members.len() + 4),
        };
        Ok(Self {
            model,
            entity: model.entity(shape.entity),
            query,
            shape,
            style,
            program,
            within: None,
        })
    }

    fn constant(&mut self, text: &str) -> Constant {
        let start = self.program.text.len();
        self.program.text.extend_from_slice(text.as_bytes());
        start..self.program.text.len()
    }

    fn key_step(&mut self, before: &str, after: &str) {
        let step = Step::Key(self.constant(before), self.constant(after));
        self.program.steps.push(step);
    }

    fn text_step(&mut self, text: &str) {
        let step = Step::Text(self.constant(text));
        self.program.steps.push(step);
    }

    /// `,"@odata.id":"Set(guid)"`.
    fn address(&mut self) {
        let id = self.style.control.name("id");
        let before = format!(",\"{id}\":\"{}(", self.entity.set);
        self.key_step(&before, ")\"");
    }

    /// The control information at the start of an entity.
    fn identity(&mut self) -> Result<()> {
        let full = match self.style.metadata {
            MetadataLevel::None => return Ok(()),
            MetadataLevel::Minimal => false,
            MetadataLevel::Full => true,
        };
        self.row_type(full || self.shape.typed)?;
        self.address();
        if let Some(position) = self.shape.version {
            let at = cell_at(self.model, self.query, position)?;
            let name = self.style.control.name("etag");
            let lead = self.constant(&format!(",\"{name}\":\"W/\\\""));
            self.program.steps.push(Step::Version(lead, at));
        }
        if full {
            let name = self.style.control.name("editLink");
            let before = format!(",\"{name}\":\"{}(", self.entity.set);
            self.key_step(&before, ")\"");
        }
        Ok(())
    }

    /// `,"@odata.type":"#Erp.Type"`, where the level, the place or members of derived types want it.
    fn row_type(&mut self, own: bool) -> Result<()> {
        let name = self.style.control.name("type");
        let text = |entity: &Entity| format!(",\"{name}\":\"#Erp.{}\"", entity.type_name);
        let mut derived = Vec::new();
        for member in &self.shape.members {
            if let Member::OfType { entity, key, .. } = member {
                let lead = self.constant(&text(self.model.entity(*entity)));
                derived.push((cell_at(self.model, self.query, *key)?, lead));
            }
        }
        let own = own.then(|| text(self.entity));
        match own {
            Some(own) if derived.is_empty() => self.text_step(&own),
            None if derived.is_empty() => {}
            own => {
                let own = own.map(|own| self.constant(&own));
                self.program.steps.push(Step::Type(derived, own));
            }
        }
        Ok(())
    }

    /// The members that only rows of a derived type have. A table has their cells in every row.
    fn of_type(&mut self, entity: EntityId, key: usize, members: &[Member]) -> Result<()> {
        let at = cell_at(self.model, self.query, key)?;
        let start = self.program.steps.len();
        let outer = std::mem::replace(&mut self.entity, self.model.entity(entity));
        self.within = Some(at);
        for member in members {
            self.member(member)?;
        }
        self.within = None;
        self.entity = outer;
        match self.style.notation {
            Notation::Csv(_) => {}
            Notation::Json => {
                let count = self.program.steps.len() - start;
                self.program.steps.insert(start, Step::Of(at, count));
            }
        }
        Ok(())
    }

    /// What stands before a value: a comma in CSV, `,"Name":` in JSON, with its type where the
    /// level is full and JSON alone does not tell it.
    fn lead(&mut self, name: &str, type_name: Option<&str>) -> Constant {
        let start = self.program.text.len();
        match self.style.notation {
            Notation::Csv(_) => self.program.text.push(b','),
            Notation::Json => {
                let typed = type_name.map(|type_name| (type_name, self.style.control));
                member_lead(&mut self.program.text, name, typed);
            }
        }
        start..self.program.text.len()
    }

    fn member(&mut self, member: &Member) -> Result<()> {
        match member {
            Member::Attribute {
                id,
                position,
                languages,
            } => {
                let entity = self.entity;
                self.attribute(entity.attribute(*id), *position, languages)?;
            }
            Member::Custom {
                id,
                value,
                value_id,
                description,
                chosen,
            } => {
                let entity = self.entity;
                if !chosen.is_empty() && matches!(self.style.notation, Notation::Csv(_)) {
                    return chosen.iter().try_for_each(|part| self.member(part));
                }
                let lead = self.lead(&entity.attribute(*id).name, None);
                let at = |position: &usize| cell_at(self.model, self.query, *position);
                let cells = [at(value)?, at(value_id)?, at(description)?];
                self.program.steps.push(match self.style.notation {
                    Notation::Csv(_) => Step::Value(lead, at(value)?, Form::Plain),
                    Notation::Json => Step::Custom(lead, cells, CustomForm::of(chosen, self.style)),
                });
            }
            Member::CustomPart {
                path,
                kind,
                position,
                language,
            } => {
                let lead = self.lead(path, None);
                let at = cell_at(self.model, self.query, *position)?;
                let form = part_form(*kind, language.as_ref(), self.style);
                self.program.steps.push(Step::Value(lead, at, form));
            }
            Member::OfType {
                entity,
                key,
                members,
            } => self.of_type(*entity, *key, members)?,
            Member::Reference { id, position } => {
                let reference = self.entity.reference(*id);
                self.links_before(&reference.name);
                let lead = self.lead(&reference.name, None);
                let at = cell_at(self.model, self.query, *position)?;
                let form =
                    Form::Address(&self.model.entity(reference.target).set, self.style.control);
                self.program.steps.push(Step::Value(lead, at, form));
            }
            Member::DisplayText(pieces) => {
                let lead = self.lead("DisplayText", None);
                let pieces = self::pieces(self.model, self.query, pieces, self.style)?;
                self.program.steps.push(Step::Display(lead, pieces));
            }
            Member::Computed(computed) => {
                let type_name = computed_type(&computed.example, self.style);
                let lead = self.lead(&computed.name, type_name.as_deref());
                let formula = Compiled::new(self.model, self.query, &computed.formula)?;
                self.program.steps.push(Step::Computed(lead, formula));
            }
            Member::Expanded(number) => {
                let expand = self.shape.expands.get(*number);
                if let Some(expand) = expand {
                    self.links_before(&expand.name);
                }
                let hole = self.hole(expand)?;
                self.program.steps.push(hole);
            }
        }
        Ok(())
    }

    fn attribute(
        &mut self,
        attribute: &'m Attribute,
        position: usize,
        languages: &[String],
    ) -> Result<()> {
        let at = cell_at(self.model, self.query, position)?;
        if position == self.shape.key && self.style.notation == Notation::Json {
            let lead = self.lead(&attribute.name, self.type_name(attribute).as_deref());
            self.program.text.push(b'"');
            let tail = self.constant("\"");
            self.program
                .steps
                .push(Step::Key(lead.start..lead.end + 1, tail));
            return Ok(());
        }
        if matches!(self.style.notation, Notation::Csv(_)) && !languages.is_empty() {
            let lead = self.lead(&attribute.name, None);
            push_languages(&mut self.program.steps, &lead, at, languages);
            return Ok(());
        }
        let lead = self.lead(&attribute.name, self.type_name(attribute).as_deref());
        let form = form(self.model, attribute, languages, self.style);
        self.program.steps.push(Step::Value(lead, at, form));
        Ok(())
    }

    /// The type for `Name@odata.type`, where the level is full and JSON does not tell it
    /// (OData JSON 4.01, section 4.6.3). Complex values say it inside.
    fn type_name(&self, attribute: &Attribute) -> Option<String> {
        if self.style.metadata != MetadataLevel::Full {
            return None;
        }
        match attribute.kind {
            Kind::String | Kind::Boolean | Kind::Multilanguage => None,
            Kind::Enumeration => {
                let enumeration = self.model.enumeration(attribute.enumeration?);
                Some(format!("#Erp.{}", enumeration.type_name))
            }
            Kind::Guid
            | Kind::Byte
            | Kind::Int16
            | Kind::Int32
            | Kind::Int64
            | Kind::DateTimeOffset
            | Kind::Binary => Some(self.style.control.primitive(attribute.kind.edm())),
        }
    }

    fn hole(&self, expand: Option<&Expand>) -> Result<Step<'m>> {
        let expand = expand.ok_or_else(|| {
            Problem::new(Code::Internal, "a shape names an expansion that it lacks")
        })?;
        Ok(Step::Hole(match expand.link {
            Link::Reference { position } => Some(cell_at(self.model, self.query, position)?),
            Link::Collection { .. } => self.within,
        }))
    }
}

/// The type of a computed value, where JSON does not tell it (OData JSON 4.01, section 4.6.3): no
/// model says it.
fn computed_type(example: &Scalar, style: &Style) -> Option<String> {
    let name = example.type_name()?;
    match style.metadata {
        MetadataLevel::None => None,
        MetadataLevel::Minimal | MetadataLevel::Full => {
            (!matches!(name, "Boolean" | "String")).then(|| style.control.primitive(name))
        }
    }
}

/// Appends `,"Name@odata.type":"#Type","Name":`.
pub(super) fn member_lead(out: &mut Vec<u8>, name: &str, typed: Option<(&str, Control)>) {
    if let Some((type_name, control)) = typed {
        out.extend_from_slice(b",\"");
        json_escaped(out, name);
        out.extend_from_slice(control.name("type").as_bytes());
        out.extend_from_slice(b"\":\"");
        json_escaped(out, type_name);
        out.push(b'"');
    }
    out.extend_from_slice(b",\"");
    json_escaped(out, name);
    out.extend_from_slice(b"\":");
}
