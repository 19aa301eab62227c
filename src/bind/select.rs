//! `$select`: which members the output has.

use crate::diag::{At, Code, Problem, Result, Span};
use crate::model::{
    Attribute, AttributeId, AttributeRole, DisplayPart, Entity, EntityId, MemberPath, PropertyId,
    ReferenceId,
};
use crate::plan::{DisplayPiece, Member, Term, ValuePart};
use crate::syntax::ast::{Name, QueryOptions, SelectItem};
use crate::value::Kind;

use super::gather::gather;
use super::property::{custom_part, of_custom};
use super::refuse;
use super::rows::Rows;
use super::scope::{NAMESPACE, Setting};
use super::tables::Instance;
use super::{visible, walk};

/// What a `$select` chooses, before it is put into the order of the model.
#[derive(Debug, Default)]
pub(super) struct Choice {
    /// The default attributes are chosen.
    default: bool,
    /// The default references too.
    default_references: bool,
    /// Each with the parts of it that are chosen; all of it where there are none.
    attributes: Vec<(AttributeId, Vec<ValuePart>)>,
    references: Vec<ReferenceId>,
    computed: Vec<String>,
    /// What only rows of a derived type have.
    derived: Vec<(EntityId, Choice)>,
    /// The text of the list for the context URL; nothing where it says nothing.
    pub(super) names: Option<Vec<String>>,
}

impl Choice {
    /// What a request without `$select` means.
    pub(super) fn defaults(setting: Setting<'_>) -> Self {
        Self {
            default: true,
            default_references: setting.context.default_references,
            ..Self::default()
        }
    }

    /// Whether the caller sees all that it means: what is chosen by default is less for those to whom
    /// a part of it is closed.
    pub(super) fn is_whole(&self, setting: Setting<'_>, of: EntityId) -> bool {
        let entity = setting.entity(of);
        let sees = |property| setting.shows(of, property);
        let mut attributes = entity.attribute_ids();
        let mut references = entity.reference_ids();
        let attributes = !self.default
            || attributes
                .all(|(id, a)| !entity.in_default_set(a) || sees(PropertyId::Attribute(id)));
        let references =
            !self.default_references || references.all(|(id, _)| sees(PropertyId::Reference(id)));
        attributes && references
    }

    /// Nothing at all: only the key is read.
    pub(super) fn nothing() -> Self {
        Self::default()
    }

    /// One attribute alone, or one part of it.
    pub(super) fn only(attribute: AttributeId, part: Option<ValuePart>) -> Self {
        Self {
            attributes: vec![(attribute, part.into_iter().collect())],
            ..Self::default()
        }
    }

    /// What a `$select` chooses.
    pub(super) fn of(
        setting: Setting<'_>,
        entity: EntityId,
        items: &[At<SelectItem>],
    ) -> Result<Self> {
        let mut choice = Self::default();
        let mut names = Vec::new();
        let mut keyword = false;
        let picked = items.iter().map(|item| match &item.node {
            SelectItem::Star | SelectItem::Default => {
                choice.default = true;
                choice.default_references = setting.context.default_references;
                keyword = true;
                Ok(())
            }
            SelectItem::Operations(_) | SelectItem::Function { .. } => Err(operations(item.span)),
            SelectItem::Path {
                steps,
                options: Some(options),
            } => {
                let inner = languages(setting, entity, steps, options, item.span)?;
                let mut all = inner.into_iter();
                all.try_for_each(|steps| {
                    choice.path(setting, entity, &steps, item.span, &mut names)
                })
            }
            SelectItem::Path {
                steps,
                options: None,
            } => choice.path(setting, entity, steps, item.span, &mut names),
        });
        gather(picked)?;
        if keyword && !names.is_empty() {
            // A context URL has no word for the default attributes: they are named.
            let entity = setting.entity(entity);
            let default = entity
                .attributes
                .iter()
                .filter(|a| entity.in_default_set(a));
            let mut all: Vec<String> = default.map(|a| a.name.clone()).collect();
            all.extend(names);
            names = all;
        }
        let mut unique: Vec<String> = Vec::with_capacity(names.len());
        for name in names {
            if !unique.contains(&name) {
                unique.push(name);
            }
        }
        let silent = keyword && unique.is_empty();
        choice.names = (!silent).then_some(unique);
        Ok(choice)
    }

    fn path(
        &mut self,
        setting: Setting<'_>,
        entity: EntityId,
        steps: &[At<Name>],
        span: Span,
        names: &mut Vec<String>,
    ) -> Result<()> {
        let Some((first, rest)) = steps.split_first() else {
            return Ok(());
        };
        let name = &first.node;
        if name.namespace.starts_with('@') || name.name.starts_with('@') {
            // This service has no annotation to add. A name alone is none.
            if name.namespace.is_empty() {
                let text = "an annotation has a namespace, and no alias stands in `$select`";
                let problem = Problem::new(Code::InvalidOption, text).about(&name.name);
                return Err(problem.at(first.span));
            }
            return Ok(());
        }
        let computed = setting.computed_items().map_or(&[][..], |(_, items)| items);
        let computed = |name: &str| computed.iter().any(|item| item.name.node == name);
        if !computed(&name.name) && names_operation(setting, entity, steps)? {
            return Err(operations(span));
        }
        let (of, casts) = casts(setting, entity, steps)?;
        if casts > 0 {
            let behind = steps.get(casts..).and_then(<[_]>::split_first);
            let Some((next, rest)) = behind else {
                let text = "a property is wanted behind the type";
                return Err(Problem::new(Code::TypeMismatch, text).at(span));
            };
            // What a base has is the same property in all its rows.
            if setting.entity(entity).property(&next.node.name).is_some() {
                return self.property(setting, entity, (next, rest), span, names);
            }
            let known = self.derived.iter().position(|(other, _)| *other == of);
            let (_, mut choice) = match known {
                Some(number) => self.derived.remove(number),
                None => (of, Self::default()),
            };
            let mut inner = Vec::new();
            choice.property(setting, of, (next, rest), span, &mut inner)?;
            self.derived.push((of, choice));
            let of = &setting.entity(of).type_name;
            names.extend(inner.iter().map(|name| format!("{NAMESPACE}.{of}/{name}")));
            return Ok(());
        }
        if rest.is_empty() && computed(&name.name) {
            names.push(name.name.clone());
            self.computed.push(name.name.clone());
            return Ok(());
        }
        self.property(setting, entity, (first, rest), span, names)
    }

    /// A property, and what follows it.
    fn property(
        &mut self,
        setting: Setting<'_>,
        entity: EntityId,
        (first, rest): (&At<Name>, &[At<Name>]),
        span: Span,
        names: &mut Vec<String>,
    ) -> Result<()> {
        let name = &first.node;
        let property = setting.property(entity, &name.name, first.span)?;
        match property {
            PropertyId::Attribute(id) => {
                let attribute = setting.open(entity, id, first.span)?;
                let part = part(attribute, rest)?;
                names.push(match &part {
                    Some(part) => format!("{}/{part}", name.name),
                    None => name.name.clone(),
                });
                self.attribute(id, part);
            }
            PropertyId::Reference(id) => {
                reference_only(&name.name, rest, span)?;
                visible::check_property(setting, entity, property, first.span)?;
                names.push(name.name.clone());
                self.references.push(id);
            }
            PropertyId::Collection(_) => {
                // A navigation link only (OData 4.01 Part 1, 11.2.5.1), which clients compute.
                reference_only(&name.name, rest, span)?;
                names.push(name.name.clone());
            }
        }
        Ok(())
    }

    fn attribute(&mut self, id: AttributeId, part: Option<ValuePart>) {
        match self.attributes.iter_mut().find(|(other, _)| *other == id) {
            Some((_, parts)) => match part {
                // No part named means all of them.
                None => parts.clear(),
                Some(part) if !parts.is_empty() && !parts.contains(&part) => parts.push(part),
                Some(_) => {}
            },
            None => self.attributes.push((id, part.into_iter().collect())),
        }
    }

    /// The parts of an attribute that is in the output; nothing for others.
    fn parts(&self, entity: &Entity, id: AttributeId) -> Option<&[ValuePart]> {
        let named = self.attributes.iter().find(|(other, _)| *other == id);
        if self.default && entity.in_default_set(entity.attribute(id)) {
            return Some(&[]);
        }
        named.map(|(_, parts)| parts.as_slice())
    }

    /// The attributes in the output, in the order of the model: of the rows, or of what they are as
    /// rows of a derived type.
    pub(super) fn attributes(&self, rows: &mut Rows<'_>, at: Instance) -> Result<Vec<Member>> {
        let (setting, of) = (rows.setting, at.entity);
        let entity = setting.entity(of);
        let mut members = Vec::with_capacity(entity.attributes.len() + entity.references.len());
        for (id, attribute) in entity.attribute_ids() {
            let Some(parts) = self.parts(entity, id) else {
                continue;
            };
            if !setting.shows(of, PropertyId::Attribute(id)) {
                continue;
            }
            if let Some(custom) = attribute.role.custom() {
                let Some(positions) = rows.custom(at, custom)? else {
                    continue;
                };
                let chosen = parts.iter();
                let chosen = chosen.map(|part| custom_part(&attribute.name, part, positions));
                let [value, value_id, description] = positions;
                members.push(Member::Custom {
                    id,
                    value,
                    value_id,
                    description,
                    chosen: chosen.collect(),
                });
                continue;
            }
            if attribute.role == AttributeRole::DisplayText {
                members.push(Member::DisplayText(display(rows, at, &entity.display)?));
            } else if let Some(located) = rows.tables.attribute(setting, at, id)? {
                members.push(Member::Attribute {
                    id,
                    position: rows.position(Term::Column(located.column)),
                    languages: parts.iter().map(ValuePart::to_string).collect(),
                });
            }
        }
        Ok(members)
    }

    /// Whether a reference is in the output as a link.
    pub(super) fn has_reference(&self, entity: &Entity, id: ReferenceId) -> bool {
        let shown = match entity.reference(id).visibility {
            crate::model::Visibility::ShownByDefault => true,
            crate::model::Visibility::HiddenByDefault | crate::model::Visibility::CannotBeShown => {
                false
            }
        };
        (self.default_references && shown) || self.references.contains(&id)
    }

    /// Whether a computed value is in the output.
    pub(super) fn has_computed(&self, name: &str) -> bool {
        self.default || self.computed.iter().any(|other| other == name)
    }

    /// What only rows of derived types have.
    pub(super) fn derived(&self) -> &[(EntityId, Self)] {
        &self.derived
    }

    /// Whether `ObjectVersion` or its like was asked for by name.
    pub(super) fn names_attribute(&self, id: AttributeId) -> bool {
        self.attributes.iter().any(|(other, _)| *other == id)
    }
}

/// Whether a path names an operation, perhaps one of a derived type, and no property.
fn names_operation(setting: Setting<'_>, entity: EntityId, steps: &[At<Name>]) -> Result<bool> {
    let Some((last, before)) = steps.split_last() else {
        return Ok(false);
    };
    if before.iter().any(|step| step.node.namespace.is_empty()) {
        return Ok(false);
    }
    let (of, _) = casts(setting, entity, before)?;
    let Name { namespace, name } = &last.node;
    let space = (!namespace.is_empty()).then_some(namespace.as_str());
    let is_property = space.is_none() && setting.entity(of).property(name).is_some();
    Ok(!is_property && setting.model.method(of, space, name).is_some())
}

/// Operations are links, and no answer has them.
fn operations(span: Span) -> Problem {
    let text = "operations are not selected: answers have no links to them";
    refuse::not_offered(text, span).help("call them at their address: `Set(guid)/Ext.Name`")
}

/// The type that the casts at the beginning of a path lead to, and how many they are. Casts to a base
/// change nothing.
///
/// # Errors
///
/// `Forbidden` for a type of which nothing is visible.
pub(super) fn casts(
    setting: Setting<'_>,
    entity: EntityId,
    steps: &[At<Name>],
) -> Result<(EntityId, usize)> {
    let mut of = entity;
    for (number, step) in steps.iter().enumerate() {
        if step.node.namespace.is_empty() {
            return Ok((of, number));
        }
        let to = setting.cast(of, &step.node, step.span)?;
        if !setting.model.is_a(of, to) {
            visible::check(setting, to, step.span)?;
            of = to;
        }
    }
    Ok((of, steps.len()))
}

/// `Name($select=EN,BG)` as `Name/EN,Name/BG`: the only options that a value can have.
fn languages(
    setting: Setting<'_>,
    entity: EntityId,
    steps: &[At<Name>],
    options: &QueryOptions,
    span: Span,
) -> Result<Vec<Vec<At<Name>>>> {
    let of_entities = |name: &str| {
        let text = format!("options of `{name}` stand inside `$expand`");
        let problem = Problem::new(Code::InvalidOption, text).about(name).at(span);
        problem.help(format!("write `$expand={name}(…)`"))
    };
    if let [only] = steps
        && let Some(PropertyId::Reference(_) | PropertyId::Collection(_)) =
            setting.entity(entity).property(&only.node.name)
    {
        return Err(of_entities(&only.node.name));
    }
    let bare = QueryOptions {
        select: None,
        ..options.clone()
    };
    let Some(select) = options
        .select
        .as_ref()
        .filter(|_| bare == QueryOptions::default())
    else {
        let text = "inside `$select`, only `$select` applies, to a text in several languages";
        return Err(Problem::new(Code::InvalidOption, text).at(span));
    };
    let inner = select.value.iter().map(|item| match &item.node {
        SelectItem::Star => Ok(steps.to_vec()),
        SelectItem::Path {
            steps: inner,
            options: None,
        } => Ok([steps, inner].concat()),
        SelectItem::Default
        | SelectItem::Operations(_)
        | SelectItem::Function { .. }
        | SelectItem::Path { .. } => {
            let text = "a language is wanted here, such as `EN`";
            Err(Problem::new(Code::UnknownProperty, text).at(item.span))
        }
    });
    gather(inner)
}

/// The part of an attribute that a path goes on to.
fn part(attribute: &Attribute, rest: &[At<Name>]) -> Result<Option<ValuePart>> {
    let Some((step, rest)) = rest.split_first() else {
        return Ok(None);
    };
    let key = |step: &At<Name>| walk::language_key(&step.node.name, step.span);
    let part = if attribute.role.custom().is_some() {
        of_custom(attribute, &step.node, step.span)?
    } else if attribute.kind == Kind::Multilanguage {
        ValuePart::Language(key(step)?)
    } else {
        return Err(inside(&attribute.name, step));
    };
    match (part, rest) {
        (part, []) => Ok(Some(part)),
        (ValuePart::Description(None), [step]) => {
            Ok(Some(ValuePart::Description(Some(key(step)?))))
        }
        (_, [step, ..]) => Err(inside(&attribute.name, step)),
    }
}

/// A path that goes on where it cannot.
fn inside(name: &str, step: &At<Name>) -> Problem {
    let text = format!("`{name}` has no part `{}`", step.node.name);
    Problem::new(Code::UnknownProperty, text)
        .about(&step.node.name)
        .at(step.span)
}

/// Refuses a path through a reference or collection.
fn reference_only(name: &str, rest: &[At<Name>], span: Span) -> Result<()> {
    let Some(step) = rest.first() else {
        return Ok(());
    };
    let text = format!("`$select` cannot go through `{name}`");
    Err(Problem::new(Code::InvalidOption, text)
        .about(name)
        .at(span)
        .help(format!(
            "write `$expand={name}($select={})`",
            step.node.name
        )))
}

/// The pieces of a display text, with the columns that they need.
fn display(rows: &mut Rows<'_>, at: Instance, parts: &[DisplayPart]) -> Result<Vec<DisplayPiece>> {
    let mut pieces = Vec::with_capacity(parts.len());
    add_pieces(rows, at, parts, &mut pieces)?;
    Ok(pieces)
}

fn add_pieces(
    rows: &mut Rows<'_>,
    at: Instance,
    parts: &[DisplayPart],
    pieces: &mut Vec<DisplayPiece>,
) -> Result<()> {
    for part in parts {
        match part {
            DisplayPart::Literal(text) => pieces.push(DisplayPiece::Literal(text.clone())),
            DisplayPart::Member(path) => pieces.extend(piece(rows, at, path)?),
            DisplayPart::Reference(id, _)
                if !rows.setting.shows(at.entity, PropertyId::Reference(*id)) => {}
            DisplayPart::Reference(id, parts) => {
                let target = rows.tables.follow(rows.setting, at, *id)?;
                add_pieces(rows, target, parts, pieces)?;
            }
        }
    }
    Ok(())
}

fn piece(rows: &mut Rows<'_>, mut at: Instance, path: &MemberPath) -> Result<Option<DisplayPiece>> {
    for id in &path.references {
        if !rows.setting.shows(at.entity, PropertyId::Reference(*id)) {
            return Ok(None);
        }
        at = rows.tables.follow(rows.setting, at, *id)?;
    }
    let attribute = rows.setting.entity(at.entity).attribute(path.attribute);
    let shown = rows
        .setting
        .shows(at.entity, PropertyId::Attribute(path.attribute));
    if attribute.secret || !shown {
        return Ok(None);
    }
    let located = rows.tables.attribute(rows.setting, at, path.attribute)?;
    Ok(located.map(|located| DisplayPiece::Value {
        entity: at.entity,
        attribute: path.attribute,
        position: rows.position(Term::Column(located.column)),
    }))
}
