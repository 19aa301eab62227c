//! Numbers the enumerations, and checks the attributes that use them.

use std::collections::HashMap;

use super::draft::{Drafts, EntityDraft};
use super::link::{Names, number, set_of};
use super::read_attribute::kind_words;
use super::yaml::Faults;
use crate::model::{Default, EnumId, Enumeration};

/// Numbers the enumerations and resolves the attributes that name one: `UserType` of the same
/// entity, or `Systems.Security.Users.UserType` of another.
pub(super) fn link(drafts: &mut Drafts, names: &Names, faults: &mut Faults) -> Vec<Enumeration> {
    let mut all = Vec::new();
    let mut known: HashMap<String, EnumId> = HashMap::new();
    for draft in &drafts.entities {
        for spotted in &draft.enumerations {
            let mut enumeration = spotted.node.clone();
            enumeration.type_name = format!("{}_{}", set_of(&draft.name), enumeration.name);
            enumeration.qualified_name = format!("{}Repository.{}", draft.name, enumeration.name);
            if names.has_type(&enumeration.type_name) {
                faults.add(
                    spotted.at,
                    format!("type `{}` exists twice", enumeration.type_name),
                );
            }
            let full = format!("{}.{}", draft.name, enumeration.name);
            known.insert(full, EnumId(number(all.len())));
            all.push(enumeration);
        }
    }
    for draft in &mut drafts.entities {
        resolve(draft, &known, faults);
    }
    all
}

fn resolve(draft: &mut EntityDraft, known: &HashMap<String, EnumId>, faults: &mut Faults) {
    for line in &mut draft.attributes {
        let Some(word) = &line.enumeration else {
            continue;
        };
        let full = if word.node.contains('.') {
            word.node.clone()
        } else {
            format!("{}.{}", draft.name, word.node)
        };
        line.attribute.enumeration = known.get(&full).copied();
        if line.attribute.enumeration.is_none() {
            let own = draft.enumerations.iter().map(|e| e.node.name.as_str());
            let words = own
                .chain(kind_words())
                .chain(known.keys().map(String::as_str));
            faults.unknown(word.at, "type", &word.node, words);
        }
    }
}

/// Checks what needs the members: defaults, and ranges over codes.
pub(super) fn check(drafts: &[EntityDraft], enumerations: &[Enumeration], faults: &mut Faults) {
    for line in drafts.iter().flat_map(|draft| &draft.attributes) {
        let attribute = &line.attribute;
        let found = attribute
            .enumeration
            .and_then(|id| enumerations.get(id.index()));
        let Some(enumeration) = found else { continue };
        if let Some(Default::Constant(word)) = &attribute.default
            && enumeration.member(word).is_none()
        {
            let names = enumeration.members.iter().map(|m| m.name.as_str());
            let what = format!("member of `{}`", enumeration.name);
            faults.unknown(line.default_at.unwrap_or(line.at), &what, word, names);
        }
        // Databases compare the codes, clients mean the members.
        let rising = enumeration.members.is_sorted_by(|a, b| a.code < b.code);
        if (attribute.filters.range() || attribute.orderable) && !rising {
            let message = format!(
                "`{}` has an order, its codes have another",
                enumeration.name
            );
            faults.add(line.at, message);
        }
    }
}
