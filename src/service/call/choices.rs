//! Objects as values to choose from: the code of each, and its name.

use crate::bind::{self, Rights};
use crate::diag::{Code, Problem, Result};
use crate::methods::Choice;
use crate::model::{
    AttributeId, ColumnKind, EntityId, MemberPath, Model, PropertyId, Stored, Table,
};
use crate::plan::{Column, Join, OrderKey, Predicate, Query, Slot, Term};
use crate::service::first::guid;
use crate::store::{Cell, Flow, Reads, Row, RowSink};
use crate::value::{Kind, Language, MultilanguageString, Timestamp};

/// Which objects are wanted, and how.
pub(super) struct Wanted<'a> {
    pub(super) model: &'a Model,
    /// What the caller may see.
    pub(super) rights: &'a Rights,
    pub(super) language: &'a Language,
    pub(super) now: Timestamp,
    pub(super) entity: EntityId,
    pub(super) by_description: bool,
}

/// A text of an object: where it stands.
#[derive(Debug, Clone, Copy)]
struct Member<'m> {
    kind: Kind,
    cells: &'m ColumnKind,
    column: Column,
    shadow: Option<Column>,
    nullable: bool,
}

impl<'m> Wanted<'m> {
    /// Hands the objects over in their order, until `take` says that it is enough.
    pub(super) fn run(
        &self,
        on: &mut impl Reads,
        take: &mut dyn FnMut(Choice) -> bool,
    ) -> Result<()> {
        let of = self.model.entity(self.entity);
        let mut tables = Tables::new(self.entity);
        let (code, name) = (
            self.member(&mut tables, of.code.as_ref())?,
            self.member(&mut tables, of.name_member.as_ref())?,
        );
        let key = key_of(self.entity);
        let mut query = Query {
            entity: self.entity,
            joins: Vec::new(),
            predicate: Predicate::Always,
            columns: vec![Term::Column(key)],
            order: Vec::new(),
            after: None,
            skip: 0,
            take: None,
            over: None,
        };
        let members = [code, name].into_iter().flatten();
        let texts = members.map(|member| Term::Column(member.column));
        query.columns.extend(texts);
        let first = match self.by_description {
            true => name.or(code),
            false => code.or(name),
        };
        for (term, nullable) in first.into_iter().flat_map(|member| self.order(member)) {
            by(&mut query, term, nullable);
        }
        by(&mut query, Term::Column(key), false);
        query.joins = tables.joins;
        if let Some(visible) = bind::visible(self.model, self.rights, self.entity, self.now)? {
            query.predicate = Predicate::Within {
                column: key,
                negated: false,
                query: Box::new(visible),
            };
        }
        let mut sink = Sink { code, name, take };
        on.select(self.model, &query, None, &mut sink)
    }

    /// Where a member of the objects stands; nothing where there is none, or one that is closed.
    fn member(&self, tables: &mut Tables, path: Option<&MemberPath>) -> Result<Option<Member<'m>>> {
        let of = self.model.entity(self.entity);
        let Some(path) = path.filter(|path| path.references.is_empty()) else {
            return Ok(None);
        };
        let id: AttributeId = path.attribute;
        let attribute = of.attribute(id);
        let closed = self
            .rights
            .is_closed(self.entity, PropertyId::Attribute(id));
        let Some(stored) = of.stored(id).filter(|_| !closed && !attribute.secret) else {
            return Ok(None);
        };
        let column = tables.column(self.model, stored)?;
        Ok(Some(Member {
            kind: attribute.kind,
            cells: &self.model.table(stored.table).column(stored.column).kind,
            column,
            shadow: stored.shadow.map(|no| Column { no, ..column }),
            nullable: attribute.nullable,
        }))
    }

    /// The terms that a member orders by: folded text, then raw text.
    fn order(&self, member: Member<'_>) -> Vec<(Term, bool)> {
        let raw = (Term::Column(member.column), member.nullable);
        match (member.kind, member.shadow) {
            (Kind::Multilanguage, Some(shadow)) => {
                let key = self.language.key().to_owned();
                vec![(Term::LanguageOrFirst { shadow, key }, member.nullable)]
            }
            (_, Some(shadow)) => vec![(Term::Column(shadow), member.nullable), raw],
            (_, None) => vec![raw],
        }
    }
}

fn by(query: &mut Query, term: Term, nullable: bool) {
    let known = query.columns.iter().position(|column| *column == term);
    let position = known.unwrap_or(query.columns.len());
    if known.is_none() {
        query.columns.push(term.clone());
    }
    query.order.push(OrderKey {
        term,
        descending: false,
        nullable,
        position,
    });
}

fn key_of(table: EntityId) -> Column {
    Column {
        slot: Slot::BASE,
        table,
        no: Table::KEY,
    }
}

/// The tables of an entity and of what it extends, joined where a column needs them.
struct Tables {
    chain: Vec<Column>,
    joins: Vec<Join>,
}

impl Tables {
    fn new(entity: EntityId) -> Self {
        Self {
            chain: vec![key_of(entity)],
            joins: Vec::new(),
        }
    }

    fn column(&mut self, model: &Model, stored: Stored) -> Result<Column> {
        let misfit = || Problem::new(Code::Internal, "a column is of no table of its entity");
        loop {
            if let Some(key) = self.chain.iter().find(|key| key.table == stored.table) {
                return Ok(Column {
                    no: stored.column,
                    ..*key
                });
            }
            let last = *self.chain.last().ok_or_else(misfit)?;
            let base = model.entity(last.table).base.ok_or_else(misfit)?;
            self.joins.push(Join::plain(base, last, false));
            let slot = u8::try_from(self.joins.len()).map_err(|_| misfit())?;
            self.chain.push(Column {
                slot: Slot(slot),
                ..key_of(base)
            });
        }
    }
}

/// Turns rows into choices.
struct Sink<'t> {
    code: Option<Member<'t>>,
    name: Option<Member<'t>>,
    take: &'t mut dyn FnMut(Choice) -> bool,
}

impl RowSink for Sink<'_> {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        let id = guid(row)?.unwrap_or_default();
        let mut position = 0;
        let mut next = |member: Option<Member<'_>>| -> Result<Option<(Kind, String)>> {
            let Some(member) = member else {
                return Ok(None);
            };
            position += 1;
            Ok(text(row, position, member.cells)?.map(|text| (member.kind, text)))
        };
        let (code, name) = (next(self.code)?, next(self.name)?);
        let description = match name {
            None => MultilanguageString::default(),
            Some((Kind::Multilanguage, json)) => {
                MultilanguageString::from_json(&json).unwrap_or_default()
            }
            Some((_, text)) => MultilanguageString::from_pairs([("EN", text.as_str())]),
        };
        let code = code.map(|(_, text)| text);
        let shown = || description.text(&Language::default()).map(str::to_owned);
        let value = code.or_else(shown).unwrap_or_else(|| id.to_string());
        let more = (self.take)(Choice {
            id,
            value,
            description,
        });
        Ok(match more {
            true => Flow::More,
            false => Flow::Stop,
        })
    }
}

fn text<R: Row>(row: &R, position: usize, kind: &ColumnKind) -> Result<Option<String>> {
    row.cell(position, kind, |cell| match cell {
        Cell::Text(text) => Some(text.to_owned()),
        Cell::Integer(number) => Some(number.to_string()),
        Cell::Null | Cell::Boolean(_) | Cell::Guid(_) | Cell::Timestamp(_) | Cell::Binary(_) => {
            None
        }
    })
}
