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

/// Writes one row for each item of `rows`, a new guid at the start of the demonstration's time
/// before its values; gives the guids. `names` are those of the values.
pub(super) fn make_rows<'m>(
    model: &'m Model,
    dice: &mut Dice,
    save: &mut impl FnMut(Batch<'m>) -> Result<()>,
    (set, names): (&str, &[&str]),
    rows: impl IntoIterator<Item = Vec<Value>>,
) -> Result<Vec<Uuid>> {
    let names: Vec<_> = std::iter::once("Id").chain(names.iter().copied()).collect();
    let mut batch = Batch::new(model, set, &names)?;
    let mut ids = Vec::new();
    for values in rows {
        let guid = dice.guid(START);
        batch.push(std::iter::once(Value::Guid(guid)).chain(values).collect());
        ids.push(guid);
    }
    save(batch)?;
    Ok(ids)
}

fn make_groups<'m>(
    model: &'m Model,
    dice: &mut Dice,
    save: &mut impl FnMut(Batch<'m>) -> Result<()>,
) -> Result<Vec<Uuid>> {
    let rows = GROUPS.iter().enumerate().map(|(number, (en, bg))| {
        let kind = match number {
            0 => "A",
            1 => "E",
            _ => "G",
        };
        vec![languages(en, bg), text(kind)]
    });
    let table = ("Systems_Security_Groups", &["Name", "GroupType"][..]);
    make_rows(model, dice, save, table, rows)
}

fn make_roles<'m>(
    model: &'m Model,
    dice: &mut Dice,
    save: &mut impl FnMut(Batch<'m>) -> Result<()>,
) -> Result<Vec<Uuid>> {
    let rows = ROLES
        .iter()
        .map(|name| vec![text(name), text(&format!("What a {name} may do."))]);
    let table = ("Systems_Security_Roles", &["Name", "RoleDescription"][..]);
    make_rows(model, dice, save, table, rows)
}

fn make_keys<'m>(
    model: &'m Model,
    dice: &mut Dice,
    save: &mut impl FnMut(Batch<'m>) -> Result<()>,
) -> Result<Vec<Uuid>> {
    let rows = [
        ("00001", "Personnel", "Персонал", "PRI"),
        ("00002", "Prices", "Цени", "SHA"),
        ("00003", "Contracts", "Договори", "RFA"),
        ("00004", "Warehouses", "Складове", "RFI"),
        ("00005", "Reports", "Справки", "SHA"),
        ("00006", "Settings", "Настройки", "PRI"),
    ]
    .map(|(code, en, bg, share)| {
        vec![
            text(code),
            languages(en, bg),
            text("Sec_Users"),
            text(share),
        ]
    });
    let names = ["Code", "Name", "EntityName", "ShareLevel"];
    make_rows(
        model,
        dice,
        save,
        ("Systems_Security_AccessKeys", &names),
        rows,
    )
}
