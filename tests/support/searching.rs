//! What `$search` looks for, drawn at random, and what it means in memory.

use fastrand::Rng;
use serde_json::Value as Json;
use userdex::model::{AttributeRole, DisplayPart, EntityId, MemberPath, Model};

use super::evaluator::{Field, World, fields};
use super::field::folded;
use super::rows::TEXTS;

/// A member that is searched: the references to it, each with its target's set, and the member.
#[derive(Debug)]
pub struct Place {
    path: Vec<(String, String)>,
    field: Field,
}

/// What is looked for.
#[derive(Debug, Clone)]
pub enum Search {
    Text(String),
    Not(Box<Search>),
    And(Box<Search>, Box<Search>),
    Or(Box<Search>, Box<Search>),
}

/// The members that are searched: the search members, and those of the display text, that are texts
/// with a folded column beside them.
pub fn places(model: &Model, id: EntityId) -> Vec<Place> {
    let entity = model.entity(id);
    let shown = entity.display.iter().filter_map(|part| match part {
        DisplayPart::Member(path) => Some(path),
        DisplayPart::Literal(_) | DisplayPart::Reference(..) => None,
    });
    let all = entity.search.iter().chain(shown);
    all.filter_map(|path| place(model, id, path)).collect()
}

fn place(model: &Model, id: EntityId, path: &MemberPath) -> Option<Place> {
    let (mut at, mut steps) = (id, Vec::new());
    for reference in &path.references {
        let reference = model.entity(at).reference(*reference);
        at = reference.target;
        steps.push((reference.name.clone(), model.entity(at).set.clone()));
    }
    let entity = model.entity(at);
    let attribute = entity.attribute(path.attribute);
    let is_stored = attribute.role == AttributeRole::Stored && !attribute.secret;
    let shadow = entity.stored(path.attribute).and_then(|s| s.shadow);
    if !is_stored || !attribute.kind.is_text() || shadow.is_none() {
        return None;
    }
    let mut fields = fields(model, at).into_iter();
    let field = fields.find(|field| field.name == attribute.name)?;
    Some(Place { path: steps, field })
}

impl World {
    /// Whether something can be searched in a set.
    pub fn is_searched(&self, set: &str) -> bool {
        !self.places[set].is_empty()
    }

    /// Whether a row has what is looked for.
    pub fn finds(&self, search: &Search, set: &str, row: &Json) -> bool {
        match search {
            Search::Text(text) => self
                .texts(set, row)
                .iter()
                .any(|t| t.contains(&folded(text))),
            Search::Not(inner) => !self.finds(inner, set, row),
            Search::And(a, b) => self.finds(a, set, row) && self.finds(b, set, row),
            Search::Or(a, b) => self.finds(a, set, row) || self.finds(b, set, row),
        }
    }

    /// The texts of a row that are searched, folded.
    fn texts(&self, set: &str, row: &Json) -> Vec<String> {
        let places = self.places[set].iter();
        let held = places.flat_map(|place| {
            let mut at = Some(row);
            for (name, set) in &place.path {
                at = at.and_then(|row| self.behind(row, name, set));
            }
            at.map(|row| place.field.held(row)).unwrap_or_default()
        });
        held.map(|text| folded(&text)).collect()
    }

    /// Something to look for in a set that can be searched.
    pub fn draw_search(&self, set: &str, rng: &mut Rng, depth: u8) -> Search {
        let inner = |rng: &mut Rng| Box::new(self.draw_search(set, rng, depth - 1));
        match if depth == 0 { 9 } else { rng.u8(..10) } {
            0 => Search::Not(inner(rng)),
            1 | 2 => Search::And(inner(rng), inner(rng)),
            3 | 4 => Search::Or(inner(rng), inner(rng)),
            _ => Search::Text(self.draw_sought(set, rng)),
        }
    }

    /// A piece of a text that some row has, most often.
    fn draw_sought(&self, set: &str, rng: &mut Rng) -> String {
        let texts = rng.choice(self.rows(set)).map(|row| self.texts(set, row));
        let text = match rng.choice(texts.unwrap_or_default()) {
            Some(text) if rng.u8(..6) > 0 => text,
            Some(_) | None => (*rng.choice(TEXTS).unwrap()).to_owned(),
        };
        let from = rng.usize(..=text.chars().count());
        let piece: String = text.chars().skip(from).take(rng.usize(1..5)).collect();
        // What a phrase cannot hold as it is.
        let piece = piece.replace(['"', '\\', '\n'], "");
        if piece.trim().is_empty() {
            "a".to_owned()
        } else {
            piece
        }
    }
}

impl std::fmt::Display for Search {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => {
                let is_word = text.chars().all(char::is_alphabetic)
                    && !["AND", "OR", "NOT"].contains(&text.as_str());
                match is_word && text.chars().count() % 3 > 0 {
                    true => f.write_str(text),
                    false => write!(f, "\"{text}\""),
                }
            }
            Self::Not(inner) => write!(f, "NOT ({inner})"),
            // A blank is `AND` too.
            Self::And(a, b) if matches!(**a, Self::Text(_)) && matches!(**b, Self::Text(_)) => {
                write!(f, "({a} {b})")
            }
            Self::And(a, b) => write!(f, "({a} AND {b})"),
            Self::Or(a, b) => write!(f, "({a} OR {b})"),
        }
    }
}
