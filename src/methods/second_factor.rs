//! `Ext.BeginSecondFactor()`, `Ext.ConfirmSecondFactor(code)` and
//! `Ext.RemoveSecondFactor(code, password)`: the second factor of a user is set up in two steps, and
//! taken away. The service makes the secrets and checks the proofs; what they all come to is the
//! same change of the user's row and secrets.

use uuid::Uuid;

use super::{
    Action, Arguments, Call, Made, MadeFactor, Order, Proof, attribute, reference, unmade,
};
use crate::change::{Action as Does, Applier, Draft, Given};
use crate::diag::{Code, Problem, Result};
use crate::model::{Entity, EntityId};
use crate::value::Value;

/// Where the secrets are kept.
const SECRETS: &str = "Systems.Security.UserProviderTokens";

/// A new secret, shown once; nothing is switched on yet.
#[derive(Debug)]
pub(super) struct Begin;

/// Switches on what was begun, and answers recovery codes.
#[derive(Debug)]
pub(super) struct Confirm;

/// Switches it off: one's own with a proof, that of others as an administrator.
#[derive(Debug)]
pub(super) struct Remove;

/// A call with what it orders.
enum Prepared {
    Begin,
    Confirm(String),
    Remove(Option<Proof>),
}

impl std::fmt::Debug for Prepared {
    /// Without what is secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Prepared(…)")
    }
}

impl Action for Begin {
    fn name(&self) -> &'static str {
        "Ext.BeginSecondFactor"
    }

    fn prepare(&self, _: &Arguments<'_>) -> Result<Box<dyn Call>> {
        Ok(Box::new(Prepared::Begin))
    }
}

impl Action for Confirm {
    fn name(&self) -> &'static str {
        "Ext.ConfirmSecondFactor"
    }

    fn prepare(&self, arguments: &Arguments<'_>) -> Result<Box<dyn Call>> {
        let code = arguments.text("code")?.trim().to_owned();
        Ok(Box::new(Prepared::Confirm(code)))
    }
}

impl Action for Remove {
    fn name(&self) -> &'static str {
        "Ext.RemoveSecondFactor"
    }

    fn prepare(&self, arguments: &Arguments<'_>) -> Result<Box<dyn Call>> {
        let given = |name| -> Result<Option<&str>> {
            let text = arguments.optional(name)?;
            Ok(text.filter(|text| !text.is_empty()))
        };
        let proof = match (given("code")?, given("password")?) {
            (Some(code), None) => Some(Proof::Code(code.trim().to_owned())),
            (None, Some(password)) => Some(Proof::Password(password.to_owned())),
            (None, None) => None,
            (Some(_), Some(_)) => {
                let message = "one proof is enough: `code` or `password`";
                return Err(Problem::new(Code::InvalidPayload, message).about("password"));
            }
        };
        Ok(Box::new(Prepared::Remove(proof)))
    }
}

impl Call for Prepared {
    fn order(&self) -> Option<Order<'_>> {
        Some(match self {
            Self::Begin => Order::BeginFactor,
            Self::Confirm(code) => Order::ConfirmFactor(code),
            Self::Remove(proof) => Order::RemoveFactor(proof.as_ref()),
        })
    }

    fn apply(&self, _: &mut Applier<'_, '_>, _: (EntityId, Uuid)) -> Result<()> {
        Err(unmade())
    }

    fn apply_made(
        &self,
        applier: &mut Applier<'_, '_>,
        (users, user): (EntityId, Uuid),
        made: &Made,
    ) -> Result<()> {
        let Made::Factor(factor) = made else {
            return Err(unmade());
        };
        let model = applier.set.model();
        let Some(secrets) = model.repository(SECRETS) else {
            let message = format!("the model has no `{SECRETS}`");
            return Err(Problem::new(Code::Internal, message));
        };
        let back = reference(model.entity(secrets), "User")?;
        let enabled = attribute(model.entity(users), "TwoFactorEnabled")?;
        for gone in &factor.gone {
            // No user may see them, and each may have them taken away.
            if applier.open_unseen(secrets, *gone)?.is_some() {
                applier.delete(secrets, *gone, "")?;
            }
        }
        for draft in drafts(model.entity(secrets), secrets, factor)? {
            applier.child(&draft, Does::Create, (secrets, back), user)?;
        }
        if let (Some(on), Some(place)) = (factor.on, applier.open(users, user)?) {
            applier.set_made(place, enabled, Value::Boolean(on));
        }
        Ok(())
    }
}

/// The rows of new secrets.
fn drafts(of: &Entity, secrets: EntityId, factor: &MadeFactor) -> Result<Vec<Draft>> {
    let made = factor.made.iter().map(|secret| {
        let mut draft = Draft::empty(secrets, String::new());
        (draft.id, draft.id_is_made) = (Some(secret.id), true);
        for (name, text) in [
            ("LoginProviderName", factor.provider),
            ("TokenName", secret.name),
            ("TokenValue", &secret.value),
        ] {
            let value = Given::Value(Value::Text(text.to_owned()));
            draft.values.push((attribute(of, name)?, value));
        }
        Ok(draft)
    });
    made.collect()
}
