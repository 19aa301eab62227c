//! Resolves names across files and builds the entities.

use std::collections::HashMap;

use super::draft::{Drafts, EntityDraft, MethodDraft};
use super::yaml::{Faults, Spot, Spotted};
use super::{enumerations, inherit, local, made, members, storage_of};
use crate::model::{
    AttributeId, Binding, Collection, CollectionId, Entity, EntityId, Method, Model, OldSet,
    Parameter, PropertyId, Reference, ReferenceId, Table,
};

/// Names to numbers.
#[derive(Debug, std::default::Default)]
pub(super) struct Names {
    repositories: HashMap<String, EntityId>,
    sets: HashMap<String, EntityId>,
    types: HashMap<String, EntityId>,
    renamed: HashMap<String, EntityId>,
}

/// A position as a number of the model; [`check_size`] has refused models that are too large.
pub(super) fn number(position: usize) -> u16 {
    u16::try_from(position).unwrap_or(u16::MAX)
}

/// The set of a repository: `Systems.Security.Users` → `Systems_Security_Users`.
pub(super) fn set_of(repository: &str) -> String {
    repository.replace('.', "_")
}

/// Builds the model; nothing where a fault makes it meaningless.
pub(super) fn link(mut drafts: Drafts, faults: &mut Faults) -> Option<Model> {
    if !check_size(&drafts, faults) {
        return None;
    }
    drafts.entities.sort_by_key(|draft| set_of(&draft.name));
    let names = Names::read(&drafts.entities, faults);
    let enumerations = enumerations::link(&mut drafts, &names, faults);
    inherit::inherit(&mut drafts, &names, faults);
    enumerations::check(&drafts.entities, &enumerations, faults);
    let mut entities: Vec<_> = drafts
        .entities
        .iter()
        .map(|draft| build(draft, &names, faults))
        .collect();
    link_collections(&mut entities, &drafts.entities, &names, faults);
    link_roots(&mut entities, &drafts.entities, faults);
    for entity in &mut entities {
        entity.properties = properties(entity);
    }
    check_property_names(&entities, &drafts.entities, faults);
    let methods = link_methods(drafts.methods, &names, faults);
    // Members and tables follow references; they need every name above to be right.
    if !faults.none() {
        return None;
    }
    members::link(&mut entities, &drafts.entities, faults);
    made::link(&mut entities, &drafts.entities, faults);
    storage_of::derive(&mut entities, &enumerations, &drafts.entities, faults);
    let Names {
        repositories,
        sets,
        types,
        renamed,
    } = names;
    Some(Model {
        derived: derived(&entities),
        referrers: referrers(&entities),
        entities,
        enumerations,
        sets,
        types,
        repositories,
        renamed,
        methods,
    })
}

/// Numbers of the model have 16 bits.
fn check_size(drafts: &Drafts, faults: &mut Faults) -> bool {
    let fits = |parts: usize| parts <= usize::from(u16::MAX);
    // A text has a second column, and roots have a few more.
    let columns = |draft: &EntityDraft| 2 * draft.attributes.len() + draft.references.len() + 16;
    let large = |draft: &&EntityDraft| !fits(columns(draft)) || !fits(draft.collections.len());
    let surplus = drafts.entities.get(usize::from(u16::MAX));
    let found = surplus.or_else(|| drafts.entities.iter().find(large));
    found
        .inspect(|draft| faults.add(draft.at, "the model has too many parts"))
        .is_none()
}

impl Names {
    fn read(drafts: &[EntityDraft], faults: &mut Faults) -> Self {
        let mut names = Self::default();
        let mut tables = HashMap::new();
        for (position, draft) in drafts.iter().enumerate() {
            let id = EntityId(number(position));
            let set = set_of(&draft.name);
            let table = draft.table.node.to_lowercase();
            claim(
                &mut names.repositories,
                draft.name.clone(),
                id,
                ("entity", draft.at),
                faults,
            );
            claim(&mut names.sets, set, id, ("entity set", draft.at), faults);
            let kind = draft.type_name.node.clone();
            claim(
                &mut names.types,
                kind,
                id,
                ("entity type", draft.type_name.at),
                faults,
            );
            claim(&mut tables, table, id, ("table", draft.table.at), faults);
        }
        for (position, draft) in drafts.iter().enumerate() {
            for (old, _) in &draft.old_names {
                let set = set_of(&old.node);
                if names.sets.contains_key(&set) {
                    faults.add(
                        old.at,
                        format!("old name `{}` is the name of an entity", old.node),
                    );
                }
                let id = EntityId(number(position));
                claim(&mut names.renamed, set, id, ("old name", old.at), faults);
            }
        }
        names
    }

    /// Whether an entity type of this name exists.
    pub(super) fn has_type(&self, name: &str) -> bool {
        self.types.contains_key(name)
    }

    /// The entity of a repository name; an unknown one is a fault.
    pub(super) fn entity(&self, name: &Spotted<String>, faults: &mut Faults) -> Option<EntityId> {
        let found = self.repositories.get(&name.node).copied();
        if found.is_none() {
            let known = self.repositories.keys().map(String::as_str);
            faults.unknown(name.at, "entity", &name.node, known);
        }
        found
    }
}

fn claim(
    names: &mut HashMap<String, EntityId>,
    name: String,
    id: EntityId,
    (what, at): (&str, Spot),
    faults: &mut Faults,
) {
    if names.contains_key(&name) {
        faults.add(at, format!("{what} `{name}` exists twice"));
    }
    names.entry(name).or_insert(id);
}

fn build(draft: &EntityDraft, names: &Names, faults: &mut Faults) -> Entity {
    let own = names
        .repositories
        .get(&draft.name)
        .copied()
        .unwrap_or(EntityId(0));
    let attributes: Vec<_> = draft
        .attributes
        .iter()
        .map(|a| a.attribute.clone())
        .collect();
    let references: Vec<_> = draft
        .references
        .iter()
        .map(|r| build_reference(r, names, faults))
        .collect();
    let parent = references
        .iter()
        .position(|r| r.owner)
        .map(|at| ReferenceId(number(at)));
    let private_to = draft.private_to.as_ref().and_then(|wanted| {
        let at = references.iter().position(|r| r.name == wanted.node);
        if at.is_none() {
            let names = references.iter().map(|r| r.name.as_str());
            faults.unknown(wanted.at, "reference", &wanted.node, names);
        }
        at.map(|at| ReferenceId(number(at)))
    });
    Entity {
        name: draft.name.clone(),
        set: set_of(&draft.name),
        type_name: draft.type_name.node.clone(),
        table: draft.table.node.clone(),
        key_column: attributes
            .first()
            .map(|key| key.column.clone())
            .unwrap_or_default(),
        view: draft.view.is_some(),
        base: draft
            .base
            .as_ref()
            .and_then(|base| names.repositories.get(&base.node).copied()),
        root: own,
        parent,
        text: draft.text.clone(),
        display_format: draft.display.node.clone(),
        display: Vec::new(),
        search: Vec::new(),
        code: None,
        name_member: None,
        category: draft.category.clone(),
        visibility: draft.visibility,
        track: draft.track,
        access: draft.access,
        readers: draft.readers,
        writers: draft.writers,
        copied: draft.copied,
        private_to,
        obsolete: draft.obsolete,
        old_sets: draft
            .old_names
            .iter()
            .map(|(old, version)| OldSet {
                set: set_of(&old.node),
                version: (!version.is_empty()).then(|| version.clone()),
            })
            .collect(),
        attributes,
        references,
        collections: Vec::new(),
        properties: HashMap::new(),
        storage: Table::empty(own, draft.table.node.clone(), draft.view),
        attribute_places: Vec::new(),
        reference_places: Vec::new(),
    }
}

fn build_reference(
    draft: &super::draft::ReferenceDraft,
    names: &Names,
    faults: &mut Faults,
) -> Reference {
    let target = draft
        .target
        .as_ref()
        .and_then(|target| names.entity(target, faults));
    Reference {
        name: draft.name.clone(),
        text: draft.text.clone(),
        target: target.unwrap_or(EntityId(0)),
        nullable: draft.nullable,
        filters: draft.filters,
        owner: draft.owner,
        outlives: draft.outlives,
        filterable: draft.filterable,
        read_only: draft.read_only,
        indexed: draft.indexed,
        visibility: draft.visibility,
        since: draft.since.clone(),
        column: draft.column.clone(),
        inherited: draft.inherited,
    }
}

fn link_collections(
    entities: &mut [Entity],
    drafts: &[EntityDraft],
    names: &Names,
    faults: &mut Faults,
) {
    for (position, draft) in drafts.iter().enumerate() {
        let own = EntityId(number(position));
        let mut collections = Vec::new();
        for line in &draft.collections {
            local::check_name(&line.name, line.at, faults);
            let Some(target) = names.entity(&line.target, faults) else {
                continue;
            };
            let children = entities
                .get(target.index())
                .map(|e| e.references.as_slice())
                .unwrap_or_default();
            let found = children.iter().position(|r| r.name == line.back.node);
            let Some((at, back)) = found.and_then(|at| Some((at, children.get(at)?))) else {
                let known = children.iter().map(|r| r.name.as_str());
                faults.unknown(line.back.at, "back reference", &line.back.node, known);
                continue;
            };
            let base = entities.get(position).and_then(|e| e.base);
            if back.target != own && Some(back.target) != base {
                let message = format!(
                    "back reference `{}` does not point to `{}`",
                    line.back.node, draft.name
                );
                faults.add(line.back.at, message);
            }
            collections.push(Collection {
                name: line.name.clone(),
                text: line.text.clone(),
                target,
                back: ReferenceId(number(at)),
                owned: back.owner,
            });
        }
        if let Some(entity) = entities.get_mut(position) {
            entity.collections = collections;
        }
    }
}

/// Follows the owners up to the aggregate roots.
fn link_roots(entities: &mut [Entity], drafts: &[EntityDraft], faults: &mut Faults) {
    for (position, draft) in drafts.iter().enumerate() {
        let mut at = EntityId(number(position));
        for step in 0..=entities.len() {
            let owner = entities
                .get(at.index())
                .and_then(|e| e.references.iter().find(|r| r.owner));
            let Some(owner) = owner else { break };
            if step == entities.len() {
                faults.add(
                    draft.at,
                    format!("the owners of `{}` run in a circle", draft.name),
                );
            }
            at = owner.target;
        }
        if let Some(entity) = entities.get_mut(position) {
            entity.root = at;
        }
    }
}

fn properties(entity: &Entity) -> HashMap<String, PropertyId> {
    let numbers = || 0u16..;
    let attributes = numbers()
        .zip(&entity.attributes)
        .map(|(n, a)| (&a.name, PropertyId::Attribute(AttributeId(n))));
    let references = numbers()
        .zip(&entity.references)
        .map(|(n, r)| (&r.name, PropertyId::Reference(ReferenceId(n))));
    let collections = numbers()
        .zip(&entity.collections)
        .map(|(n, c)| (&c.name, PropertyId::Collection(CollectionId(n))));
    attributes
        .chain(references)
        .chain(collections)
        .map(|(name, id)| (name.clone(), id))
        .collect()
}

/// OData has one name space for all properties of a type; the type's own name is taken too.
fn check_property_names(entities: &[Entity], drafts: &[EntityDraft], faults: &mut Faults) {
    for (entity, draft) in entities.iter().zip(drafts) {
        let attributes = draft
            .attributes
            .iter()
            .map(|a| (a.attribute.name.as_str(), a.at));
        let references = draft.references.iter().map(|r| (r.name.as_str(), r.at));
        let collections = draft.collections.iter().map(|c| (c.name.as_str(), c.at));
        let mut seen = Vec::new();
        for (name, at) in attributes.chain(references).chain(collections) {
            let like = |other: &&str| other.eq_ignore_ascii_case(name);
            if seen.contains(&name) || name == entity.type_name {
                faults.add(at, format!("property `{name}` exists twice"));
            } else if let Some(other) = seen.iter().find(|other| like(other)) {
                let message = format!("`{name}` and `{other}` differ by case only");
                faults.add(at, message);
            }
            seen.push(name);
        }
        for attribute in &draft.attributes {
            let unit = attribute.attribute.unit.as_ref();
            if let Some(unit) =
                unit.filter(|unit| !entity.attributes.iter().any(|a| a.name == **unit))
            {
                let known = entity.attributes.iter().map(|a| a.name.as_str());
                faults.unknown(attribute.at, "unit", unit, known);
            }
        }
    }
}

fn link_methods(drafts: Vec<MethodDraft>, names: &Names, faults: &mut Faults) -> Vec<Method> {
    let mut methods = Vec::new();
    for MethodDraft { at, method, of } in drafts {
        local::check_name(&method.name, at, faults);
        if method.namespace == Method::ERP && names.has_type(&method.name) {
            faults.add(at, format!("`{}` is the name of a type", method.name));
        }
        for parameter in &method.parameters {
            local::check_name(&parameter.name, at, faults);
            let word = parameter.type_name.as_str();
            let known = super::read_attribute::kind_words().any(|kind| kind == word);
            let known = known || word == Parameter::OBJECTS;
            if !known && !names.repositories.contains_key(word) {
                let words = super::read_attribute::kind_words()
                    .chain([Parameter::OBJECTS])
                    .chain(names.repositories.keys().map(String::as_str));
                faults.unknown(at, "parameter type", word, words);
            }
        }
        if method.binding == Binding::Unbound && names.sets.contains_key(&method.name) {
            faults.add(at, format!("`{}` is the name of a set", method.name));
        }
        let of = of.and_then(|of| names.entity(&of, faults));
        let binding = of.map_or(method.binding, Binding::Entity);
        methods.push(Method { binding, ..method });
    }
    methods
}

/// For every entity, what `pairs` says leads to it, in the order of the entities.
fn leading_to<T>(
    entities: &[Entity],
    pairs: impl Fn(EntityId, &Entity) -> Vec<(EntityId, T)>,
) -> Vec<Vec<T>> {
    let mut found: Vec<Vec<T>> = entities.iter().map(|_| Vec::new()).collect();
    for (id, entity) in (0..).map(EntityId).zip(entities) {
        for (target, what) in pairs(id, entity) {
            if let Some(list) = found.get_mut(target.index()) {
                list.push(what);
            }
        }
    }
    found
}

/// The entities that extend each entity.
fn derived(entities: &[Entity]) -> Vec<Vec<EntityId>> {
    leading_to(entities, |id, entity| {
        entity.base.map(|base| (base, id)).into_iter().collect()
    })
}

/// The references that point at each entity, and hold it.
fn referrers(entities: &[Entity]) -> Vec<Vec<(EntityId, ReferenceId)>> {
    leading_to(entities, |id, entity| {
        let holds = |r: &Reference| !r.inherited && !r.outlives;
        let own = entity.reference_ids().filter(|(_, r)| holds(r));
        own.map(|(number, r)| (r.target, (id, number))).collect()
    })
}
