//! `Ext.IssueToken(description, scopes, expires, application)`: a new reference token for a user.

use uuid::Uuid;

use super::{Action, Arguments, Call, Made, Order, TokenOrder, attribute, reference, unmade};
use crate::change::{Action as Does, Applier, Draft, Given};
use crate::diag::{Code, Problem, Result};
use crate::model::EntityId;
use crate::value::Value;

/// Where tokens are kept.
const TOKENS: &str = "Systems.Security.AccessTokens";

/// See the module.
#[derive(Debug)]
pub(super) struct IssueToken;

/// A call with its order.
#[derive(Debug)]
struct Prepared(TokenOrder);

impl Action for IssueToken {
    fn name(&self) -> &'static str {
        "Ext.IssueToken"
    }

    fn prepare(&self, arguments: &Arguments<'_>) -> Result<Box<dyn Call>> {
        let text =
            |name| -> Result<Option<String>> { Ok(arguments.optional(name)?.map(str::to_owned)) };
        Ok(Box::new(Prepared(TokenOrder {
            description: text("description")?,
            scopes: text("scopes")?,
            expires: arguments.time("expires")?,
            application: text("application")?,
        })))
    }
}

impl Call for Prepared {
    fn order(&self) -> Option<Order<'_>> {
        Some(Order::Token(&self.0))
    }

    fn apply(&self, _: &mut Applier<'_, '_>, _: (EntityId, Uuid)) -> Result<()> {
        Err(unmade())
    }

    fn apply_made(
        &self,
        applier: &mut Applier<'_, '_>,
        (_, user): (EntityId, Uuid),
        made: &Made,
    ) -> Result<()> {
        let (Made::Token(token), model) = (made, applier.set.model()) else {
            return Err(unmade());
        };
        let tokens = model
            .repository(TOKENS)
            .ok_or_else(|| Problem::new(Code::Internal, format!("the model has no `{TOKENS}`")))?;
        let of = model.entity(tokens);
        let text = |text: &str| Value::Text(text.to_owned());
        let description = self.0.description.as_deref();
        let values = [
            ("AccessTokenKey", text(&token.key)),
            ("Type", text(token.kind)),
            ("Scopes", text(&token.scopes)),
            ("Data", text(&token.seal)),
            ("ExpireTimestamp", Value::Timestamp(token.expires)),
            ("Description", description.map_or(Value::Null, text)),
        ];
        let mut draft = Draft::empty(tokens, String::new());
        (draft.id, draft.id_is_made) = (Some(token.id), true);
        for (name, value) in values {
            draft
                .values
                .push((attribute(of, name)?, Given::Value(value)));
        }
        let links = [
            ("User", Some(user)),
            ("TrustedApplication", token.application),
        ];
        applier.object(&draft, Does::Create)?;
        let Some(place) = applier.set.place(tokens, token.id) else {
            return Err(unmade());
        };
        for (name, target) in links {
            // Seen to be there when the token was made, also by callers who may not see it.
            applier.point_made(place, reference(of, name)?, target);
        }
        Ok(())
    }
}
