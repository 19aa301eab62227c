//! Which form is declared for which attribute of Users, written from the source document.

use crate::draw;
use userdex::diag::Code;
use userdex::model::Model;

/// Attribute, a literal of its type, the forms that the source declares.
const USERS: &[(&str, &str, &str)] = &[
    ("AccessFailedCount", "1", "eq ne gt ge lt le"),
    ("Active", "true", "eq ne"),
    ("BasicAuthenticationAllowed", "true", "eq ne"),
    ("CompanyName", "'x'", ""),
    ("CreationTimeUtc", "2024-01-01T00:00:00Z", "gt ge lt le"),
    ("DefaultLanguage", "'en'", "eq ne"),
    ("DisplayText", "'x'", ""),
    ("Email", "'x'", "eq ne in contains startswith endswith"),
    ("EmailConfirmed", "true", "eq ne"),
    ("Id", "9da64839-a8d0-491d-aebb-4d18fa42b014", "eq ne in"),
    ("IsAdmin", "true", "eq ne"),
    (
        "LockoutEndUtc",
        "2024-01-01T00:00:00Z",
        "eq ne gt ge lt le contains startswith endswith",
    ),
    ("Login", "'x'", "eq ne in contains startswith endswith"),
    ("Name", "'x'", "contains startswith endswith"),
    ("Notes", "'x'", ""),
    ("ObjectVersion", "1", ""),
    ("PasswordFormat", "'MD5'", "eq ne"),
    ("PhoneNumber", "'x'", "eq ne contains startswith endswith"),
    ("PhoneNumberConfirmed", "true", "eq ne"),
    ("RegistrationMessage", "'x'", ""),
    ("TwoFactorEnabled", "true", "eq ne"),
    ("UserType", "'InternalUser'", "eq ne in"),
    ("VoiceExtensionNumbers", "'x'", ""),
    ("WindowsUserName", "'x'", ""),
    (
        "Domain",
        "'Systems_Security_Domains(9da64839-a8d0-491d-aebb-4d18fa42b014)'",
        "eq ne in",
    ),
    (
        "Model",
        "'Projects_AI_Models(9da64839-a8d0-491d-aebb-4d18fa42b014)'",
        "eq ne in",
    ),
    (
        "Person",
        "'General_Contacts_Persons(9da64839-a8d0-491d-aebb-4d18fa42b014)'",
        "eq ne in",
    ),
];

const FORMS: &[&str] = &[
    "eq",
    "ne",
    "gt",
    "ge",
    "lt",
    "le",
    "in",
    "has",
    "contains",
    "startswith",
    "endswith",
];

/// The entrances through which a condition on Users comes in.
const ENTRANCES: &[(&str, &str, &str)] = &[
    ("Systems_Security_Users?$filter=", "", ""),
    ("Systems_Security_Users?$filter=not(", ")", ""),
    ("Systems_Security_Users/$count?$filter=", "", ""),
    ("Systems_Security_Users?$filter=@c&@c=", "", ""),
    ("Systems_Security_UserGroups?$filter=", "", "User/"),
];

fn condition(form: &str, attribute: &str, literal: &str) -> String {
    match form {
        "contains" | "startswith" | "endswith" => format!("{form}({attribute},'x')"),
        "in" => format!("{attribute} in ({literal})"),
        operator => format!("{attribute} {operator} {literal}"),
    }
}

#[test]
fn each_form_is_open_exactly_where_the_source_declares_it() {
    let model = Model::shipped().unwrap();
    let context = draw::context();
    for (attribute, literal, declared) in USERS {
        for form in FORMS {
            for (before, after, path) in ENTRANCES {
                let condition = condition(form, &format!("{path}{attribute}"), literal);
                let address = format!("{before}{condition}{after}");
                let bound = draw::plan(&model, &address, &context);
                let open = declared.split(' ').any(|word| word == *form);
                match bound {
                    Ok(_) => assert!(open, "{address} is open"),
                    Err(problem) => {
                        assert!(!open, "{address}: {problem:?}");
                        assert_eq!(problem.code(), Code::FilterNotDeclared, "{address}");
                        let target = problem.target().unwrap();
                        assert_eq!(target, format!("{path}{attribute}"), "{address}");
                    }
                }
            }
        }
    }
}

#[test]
fn closed_attributes_are_closed_at_every_entrance() {
    let model = Model::shipped().unwrap();
    for address in [
        "Systems_Security_Users?$filter=Password eq 'x'",
        "Systems_Security_Users?$filter=contains(Password,'x')",
        "Systems_Security_Users?$filter=tolower(Password) in ('x')",
        "Systems_Security_Users?$orderby=Password",
        "Systems_Security_Users?$select=Password",
        "Systems_Security_Users?$expand=ProviderTokens($select=TokenValue)",
        "Systems_Security_Users?$expand=ProviderTokens($filter=TokenValue eq 'x')",
        "Systems_Security_UserGroups?$filter=User/Password eq 'x'",
        "Systems_Security_UserGroups?$orderby=User/Password",
        "Systems_Security_Users(9da64839-a8d0-491d-aebb-4d18fa42b014)/Password",
        "Systems_Security_Users/$filter(Password eq 'x')",
    ] {
        let problem = draw::plan(&model, address, &draw::context()).unwrap_err();
        assert_eq!(problem.code(), Code::AttributeNotReadable, "{address}");
    }
}

#[test]
fn no_default_output_holds_a_closed_attribute() {
    let model = Model::shipped().unwrap();
    for (_, entity) in model.entities() {
        for select in ["", "?$select=*", "?$select=default", "?$expand=*"] {
            let address = format!("{}{select}", entity.set);
            let read = draw::read(&model, &address, &draw::context()).unwrap();
            for member in &read.shape.members {
                if let userdex::plan::Member::Attribute { id, .. } = member {
                    assert!(!entity.attribute(*id).secret, "{address}");
                }
            }
        }
    }
}
