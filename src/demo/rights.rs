//! Groups, roles and access keys.

use uuid::Uuid;

use crate::diag::Result;
use crate::model::Model;
use crate::value::{MultilanguageString, Timestamp, Value};

use super::words::{GROUPS, ROLES};
use super::{Batch, Dice};

/// What users are given.
#[derive(Debug)]
pub(super) struct Rights {
    /// The administrators' group.
    pub(super) administrators: Uuid,
    /// The group of everybody.
    pub(super) everybody: Uuid,
    /// The other groups.
    pub(super) groups: Vec<Uuid>,
    /// All roles.
    pub(super) roles: Vec<Uuid>,
    /// All access keys.
    pub(super) keys: Vec<Uuid>,
}

/// The start of the demonstration's time: 2018-01-01T00:00:00Z.
pub(super) const START: Timestamp = Timestamp::from_micros(1_514_764_800_000_000);

/// A text in English and Bulgarian.
pub(super) fn languages(en: &str, bg: &str) -> Value {
    Value::Text(MultilanguageString::from_pairs([("EN", en), ("BG", bg)]).to_json())
}

/// A text.
pub(super) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// Makes 20 groups, 10 roles and 6 access keys, and gives each group one or two keys.
pub(super) fn make<'m>(
    model: &'m Model,
    dice: &mut Dice,
    save: &mut impl FnMut(Batch<'m>) -> Result<()>,
) -> Result<Rights> {
    let groups = make_groups(model, dice, save)?;
    let roles = make_roles(model, dice, save)?;
    let keys = make_keys(model, dice, save)?;
    let mut grants = Batch::new(
        model,
        "Systems_Security_GroupAccessKeys",
        &["Id", "Group", "AccessKey", "CanUpdate"],
    )?;
    for group in &groups {
        let count = if dice.chance(50) { 1 } else { 2 };
        for key in dice.sample(&keys, count) {
            let update = Value::Boolean(dice.chance(40));
            grants.push(vec![
                id(dice),
                Value::Guid(*group),
                Value::Guid(key),
                update,
            ]);
        }
    }
    save(grants)?;
    let mut rest = groups.into_iter();
    Ok(Rights {
        administrators: rest.next().unwrap_or_default(),
        everybody: rest.next().unwrap_or_default(),
        groups: rest.collect(),
        roles,
        keys,
    })
}

/// A new guid at the start of the demonstration's time.
fn id(dice: &mut Dice) -> Value {
    Value::Guid(dice.guid(START))
}

fn make_groups<'m>(
    model: &'m Model,
    dice: &mut Dice,
    save: &mut impl FnMut(Batch<'m>) -> Result<()>,
) -> Result<Vec<Uuid>> {
    let mut batch = Batch::new(
        model,
        "Systems_Security_Groups",
        &["Id", "Name", "GroupType"],
    )?;
    let mut ids = Vec::new();
    for (number, (en, bg)) in GROUPS.iter().enumerate() {
        let guid = dice.guid(START);
        let kind = match number {
            0 => "A",
            1 => "E",
            _ => "G",
        };
        batch.push(vec![Value::Guid(guid), languages(en, bg), text(kind)]);
        ids.push(guid);
    }
    save(batch)?;
    Ok(ids)
}

fn make_roles<'m>(
    model: &'m Model,
    dice: &mut Dice,
    save: &mut impl FnMut(Batch<'m>) -> Result<()>,
) -> Result<Vec<Uuid>> {
    let mut batch = Batch::new(
        model,
        "Systems_Security_Roles",
        &["Id", "Name", "RoleDescription"],
    )?;
    let mut ids = Vec::new();
    for name in ROLES {
        let guid = dice.guid(START);
        batch.push(vec![
            Value::Guid(guid),
            text(name),
            text(&format!("What a {name} may do.")),
        ]);
        ids.push(guid);
    }
    save(batch)?;
    Ok(ids)
}

fn make_keys<'m>(
    model: &'m Model,
    dice: &mut Dice,
    save: &mut impl FnMut(Batch<'m>) -> Result<()>,
) -> Result<Vec<Uuid>> {
    let names = ["Id", "Code", "Name", "EntityName", "ShareLevel"];
    let mut batch = Batch::new(model, "Systems_Security_AccessKeys", &names)?;
    let mut ids = Vec::new();
    let keys = [
        ("00001", "Personnel", "Персонал", "PRI"),
        ("00002", "Prices", "Цени", "SHA"),
        ("00003", "Contracts", "Договори", "RFA"),
        ("00004", "Warehouses", "Складове", "RFI"),
        ("00005", "Reports", "Справки", "SHA"),
        ("00006", "Settings", "Настройки", "PRI"),
    ];
    for (code, en, bg, share) in keys {
        let guid = dice.guid(START);
        let entity = text("Sec_Users");
        batch.push(vec![
            Value::Guid(guid),
            text(code),
            languages(en, bg),
            entity,
            text(share),
        ]);
        ids.push(guid);
    }
    save(batch)?;
    Ok(ids)
}
