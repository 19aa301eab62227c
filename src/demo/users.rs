//! Users, their persons and their children.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

use crate::diag::Result;
use crate::model::Model;
use crate::value::{MultilanguageString, Timestamp, Value, fold};

use super::organisation::Organisation;
use super::rights::{Rights, START, text};
use super::words::{COMPANIES, FIRST, LANGUAGES, LAST, NOTES};
use super::{Batch, Dice};

/// The set that is filled.
pub(super) const SET: &str = "Systems_Security_Users";

/// Creation dates span eight years.
const SPAN_SECONDS: u64 = 8 * 365 * 86_400 + 2 * 86_400;

/// The codes of the user types, and how many of 100 users have each.
const TYPES: &[(&str, u64)] = &[
    ("INT", 46),
    ("EXT", 38),
    ("VIR", 5),
    ("SYS", 1),
    ("APP", 3),
    ("INI", 3),
    ("INE", 4),
];

/// What users refer to.
#[derive(Debug)]
pub(super) struct Surroundings {
    pub(super) organisation: Organisation,
    pub(super) rights: Rights,
}

/// Which users of how many.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub(super) first: u64,
    pub(super) count: u64,
    pub(super) total: u64,
}

/// The batches of one piece.
struct Batches<'m> {
    parties: Batch<'m>,
    persons: Batch<'m>,
    employees: Batch<'m>,
    users: Batch<'m>,
    groups: Batch<'m>,
    roles: Batch<'m>,
    logins: Batch<'m>,
    keys: Batch<'m>,
}

/// One user on the way to its rows.
struct Draft {
    id: Uuid,
    number: u64,
    created: Timestamp,
    first: (&'static str, &'static str),
    last: (&'static str, &'static str),
    kind: &'static str,
    login: String,
    email: Option<String>,
    domain: Option<Uuid>,
}

/// Makes the users of one piece with their persons and children.
pub(super) fn make<'m>(
    model: &'m Model,
    dice: &mut Dice,
    around: &Surroundings,
    piece: Piece,
    save: &mut impl FnMut(Batch<'m>) -> Result<()>,
) -> Result<()> {
    let mut batches = Batches::new(model)?;
    for number in piece.first..piece.first + piece.count {
        let draft = draft(dice, around, number, piece.total);
        let person = dice
            .chance(60)
            .then(|| person(dice, around, &draft, &mut batches));
        user(dice, around, &draft, person, &mut batches);
        children(dice, &around.rights, &draft, &mut batches);
    }
    batches.save(save)
}

impl<'m> Batches<'m> {
    fn new(model: &'m Model) -> Result<Self> {
        let party = ["Id", "PartyCode", "PartyName", "PartyType"];
        let person = ["Id", "FirstName", "LastName", "CreationTime"];
        Ok(Self {
            parties: Batch::new(model, "General_Contacts_Parties", &party)?,
            persons: Batch::new(model, "General_Contacts_Persons", &person)?,
            employees: Batch::new(
                model,
                "General_Contacts_CompanyEmployees",
                &["Id", "Company", "Person"],
            )?,
            users: Batch::new(model, SET, USER)?,
            groups: Batch::new(
                model,
                "Systems_Security_UserGroups",
                &["Id", "User", "Group"],
            )?,
            roles: Batch::new(
                model,
                "Systems_Security_RoleUsers",
                &["Id", "User", "Role", "IsLayoutAdmin"],
            )?,
            logins: Batch::new(
                model,
                "Systems_Security_UserProviderLogins",
                &["Id", "User", "ProviderName", "ProviderKey"],
            )?,
            keys: Batch::new(
                model,
                "Systems_Security_UserAccessKeys",
                &["Id", "User", "AccessKey", "CanUpdate"],
            )?,
        })
    }

    /// Writes the batches, what is referred to before what refers.
    fn save(self, save: &mut impl FnMut(Batch<'m>) -> Result<()>) -> Result<()> {
        save(self.parties)?;
        save(self.persons)?;
        save(self.employees)?;
        save(self.users)?;
        save(self.groups)?;
        save(self.roles)?;
        save(self.logins)?;
        save(self.keys)
    }
}

/// The properties of a user that the demonstration gives; the others get their default.
const USER: &[&str] = &[
    "Id",
    "Login",
    "Name",
    "Email",
    "EmailConfirmed",
    "Active",
    "UserType",
    "IsAdmin",
    "AccessFailedCount",
    "BasicAuthenticationAllowed",
    "CompanyName",
    "CreationTimeUtc",
    "DefaultLanguage",
    "LockoutEndUtc",
    "Notes",
    "Password",
    "PasswordFormat",
    "PhoneNumber",
    "PhoneNumberConfirmed",
    "RegistrationMessage",
    "TwoFactorEnabled",
    "VoiceExtensionNumbers",
    "WindowsUserName",
    "Domain",
    "Model",
    "Person",
];

/// Draws a user. The first one is an administrator with an easy name, for first queries.
fn draft(dice: &mut Dice, around: &Surroundings, number: u64, total: u64) -> Draft {
    let step = SPAN_SECONDS / total.max(1);
    let seconds = step * number + dice.below(step.max(1));
    let micros = i64::try_from(seconds)
        .unwrap_or_default()
        .saturating_mul(1_000_000);
    let created = Timestamp::from_micros(START.micros().saturating_add(micros));
    let first = *dice.pick(FIRST).unwrap_or(&("Ann", "Ан"));
    let last = *dice.pick(LAST).unwrap_or(&("Lee", "Ли"));
    let kind = if number == 0 { "INT" } else { draw_type(dice) };
    let base = format!("{}.{}", ascii(first.0), ascii(last.0));
    let login = if number == 0 {
        "admin".to_owned()
    } else {
        format!("{base}{number}")
    };
    let host = *dice
        .pick(&["corp", "mail", "partner", "uni"])
        .unwrap_or(&"mail");
    let email = (!dice.chance(12)).then(|| format!("{login}@{host}.example"));
    let domain = dice
        .chance(50)
        .then(|| dice.pick(&around.organisation.domains).copied())
        .flatten();
    let login = match &email {
        Some(email) if kind == "EXT" => email.chars().take(64).collect(),
        _ => login,
    };
    Draft {
        id: dice.guid(created),
        number,
        created,
        first,
        last,
        kind,
        login,
        email,
        domain,
    }
}

/// A user type, by its share.
fn draw_type(dice: &mut Dice) -> &'static str {
    let mut at = dice.below(100);
    for (code, share) in TYPES {
        if at < *share {
            return code;
        }
        at -= share;
    }
    "INT"
}

/// A name as it stands in logins: folded, only a to z.
fn ascii(name: &str) -> String {
    fold(name)
        .chars()
        .filter_map(|c| match c {
            'a'..='z' => Some(c),
            'ü' => Some('u'),
            'é' | 'ë' => Some('e'),
            'á' => Some('a'),
            'ó' => Some('o'),
            'í' => Some('i'),
            _ => None,
        })
        .collect()
}

/// The person behind a user, an employee where the user is internal.
fn person(dice: &mut Dice, around: &Surroundings, user: &Draft, to: &mut Batches<'_>) -> Uuid {
    let id = dice.guid(user.created);
    let name = |en: &str, bg: &str| super::rights::languages(en, bg);
    let whole = name(
        &format!("{} {}", user.first.0, user.last.0),
        &format!("{} {}", user.first.1, user.last.1),
    );
    let code = format!("{:05}", user.number + around.organisation.next_party);
    to.parties
        .push(vec![Value::Guid(id), text(&code), whole, text("P")]);
    to.persons.push(vec![
        Value::Guid(id),
        name(user.first.0, user.first.1),
        name(user.last.0, user.last.1),
        Value::Timestamp(user.created),
    ]);
    if user.kind == "INT" {
        let employee = Value::Guid(dice.guid(user.created));
        to.employees.push(vec![
            employee,
            Value::Guid(around.organisation.company),
            Value::Guid(id),
        ]);
    }
    id
}

/// The row of a user.
fn user(
    dice: &mut Dice,
    around: &Surroundings,
    user: &Draft,
    person: Option<Uuid>,
    to: &mut Batches<'_>,
) {
    let guid = |id: Option<Uuid>| id.map_or(Value::Null, Value::Guid);
    let maybe = |text: Option<String>| text.map_or(Value::Null, Value::Text);
    let first = user.number == 0;
    let internal = user.kind == "INT";
    let external = user.kind == "EXT" || user.kind == "INE";
    let has_email = user.email.is_some();
    let confirmed = has_email && dice.chance(80);
    let phone = dice
        .chance(40)
        .then(|| format!("+3598{:08}", dice.below(100_000_000)));
    let phone_confirmed = phone.is_some() && dice.chance(50);
    let two_factor = phone.is_some() && !first && dice.chance(30);
    let failed = if dice.chance(8) { 1 + dice.below(4) } else { 0 };
    let locked = (!first && dice.chance(5)).then(|| lockout(dice));
    let password = (internal || user.kind == "EXT" || user.kind == "SYS").then(|| unusable(dice));
    let format = if password.is_some() { "AN3" } else { "MD5" };
    to.users.push(vec![
        Value::Guid(user.id),
        text(&user.login),
        name(dice, user),
        maybe(user.email.clone()),
        Value::Boolean(confirmed),
        Value::Boolean(first || dice.chance(90)),
        text(user.kind),
        Value::Boolean(first || (internal && dice.chance(2))),
        Value::Integer(i64::try_from(failed).unwrap_or_default()),
        Value::Boolean(dice.chance(3)),
        maybe(
            external
                .then(|| dice.pick(COMPANIES).copied())
                .flatten()
                .map(str::to_owned),
        ),
        Value::Timestamp(user.created),
        maybe(
            dice.chance(70)
                .then(|| dice.pick(LANGUAGES).copied())
                .flatten()
                .map(str::to_owned),
        ),
        locked.map_or(Value::Null, Value::Timestamp),
        maybe(
            dice.chance(10)
                .then(|| dice.pick(NOTES).copied())
                .flatten()
                .map(str::to_owned),
        ),
        maybe(password),
        text(format),
        maybe(phone),
        Value::Boolean(phone_confirmed),
        maybe(
            (user.kind == "EXT" && dice.chance(30))
                .then(|| "Please give me access to the community site.".to_owned()),
        ),
        Value::Boolean(two_factor),
        maybe(dice.chance(10).then(|| (100 + dice.below(900)).to_string())),
        maybe((internal && dice.chance(50)).then(|| format!("CORP\\{}", user.login))),
        guid(user.domain),
        guid(
            dice.chance(5)
                .then(|| dice.pick(&around.organisation.models).copied())
                .flatten(),
        ),
        guid(person),
    ]);
}

/// The full name: English always, Bulgarian mostly, German sometimes.
fn name(dice: &mut Dice, user: &Draft) -> Value {
    let en = format!("{} {}", user.first.0, user.last.0);
    let bg = format!("{} {}", user.first.1, user.last.1);
    let mut pairs = vec![("EN", en.as_str())];
    if dice.chance(70) {
        pairs.push(("BG", bg.as_str()));
    }
    if dice.chance(15) {
        pairs.push(("DE", en.as_str()));
    }
    Value::Text(MultilanguageString::from_pairs(pairs).to_json())
}

/// The end of a lockout: within 30 days after the eight years, to the millisecond.
fn lockout(dice: &mut Dice) -> Timestamp {
    let millis = SPAN_SECONDS * 1000 + dice.below(30 * 86_400_000);
    let micros = i64::try_from(millis)
        .unwrap_or_default()
        .saturating_mul(1000);
    Timestamp::from_micros(START.micros().saturating_add(micros))
}

/// A password hash in the AN3 format that no password fits: its subkey is random.
fn unusable(dice: &mut Dice) -> String {
    let mut bytes = vec![1, 0, 0, 0, 2, 0, 3, 0x34, 0x50, 0, 0, 0, 16];
    bytes.extend(dice.bytes::<48>());
    STANDARD.encode(bytes)
}

/// Memberships, roles, provider logins and access keys of a user.
fn children(dice: &mut Dice, rights: &Rights, user: &Draft, to: &mut Batches<'_>) {
    let owner = Value::Guid(user.id);
    let id = |dice: &mut Dice| Value::Guid(dice.guid(user.created));
    let extra = usize::try_from(dice.below(5)).unwrap_or_default();
    let mut groups = vec![rights.everybody];
    if user.number == 0 {
        groups.push(rights.administrators);
    }
    groups.extend(dice.sample(&rights.groups, extra));
    for group in groups {
        to.groups
            .push(vec![id(dice), owner.clone(), Value::Guid(group)]);
    }
    let count = usize::try_from(1 + dice.below(3)).unwrap_or_default();
    for role in dice.sample(&rights.roles, count) {
        let admin = Value::Boolean(dice.chance(5));
        to.roles
            .push(vec![id(dice), owner.clone(), Value::Guid(role), admin]);
    }
    if dice.chance(15) {
        let provider = *dice
            .pick(&["ERPNET", "AZUREAD", "GOOGLE", "FACEBOOK"])
            .unwrap_or(&"GOOGLE");
        let key = format!("{:032x}", u128::from_be_bytes(dice.bytes()));
        to.logins
            .push(vec![id(dice), owner.clone(), text(provider), text(&key)]);
    }
    if dice.chance(10) {
        for key in dice.sample(&rights.keys, 1) {
            let update = Value::Boolean(dice.chance(50));
            to.keys
                .push(vec![id(dice), owner.clone(), Value::Guid(key), update]);
        }
    }
}
