//! The arguments of calls.

use uuid::Uuid;

use crate::change::{Draft, Json, Reading, unstorable};
use crate::diag::{Code, Problem, Result};
use crate::model::{EntityId, Method, Model};
use crate::value::Timestamp;

/// The arguments of a call.
#[derive(Debug)]
pub struct Arguments<'a> {
    method: &'a Method,
    payload: &'a Json,
    reading: &'a Reading<'a>,
}

impl<'a> Arguments<'a> {
    /// The arguments in a payload: an object with a member for each parameter.
    ///
    /// # Errors
    ///
    /// Every fault: `InvalidPayload` for what is no object and for a parameter that is missing,
    /// `UnknownProperty` for a member that is no parameter, `DuplicateProperty`, `InvalidValue` for
    /// texts with U+0000.
    pub fn of(method: &'a Method, payload: &'a Json, reading: &'a Reading<'a>) -> Result<Self> {
        let Some(members) = payload.members() else {
            let message = format!("the arguments are an object, not {}", payload.noun());
            return Err(Problem::new(Code::InvalidPayload, message));
        };
        let mut faults: Vec<Problem> = payload
            .repeated()
            .into_iter()
            .map(|path| {
                let message = format!("`{path}` is given twice");
                Problem::new(Code::DuplicateProperty, message).about(path)
            })
            .collect();
        for (name, _) in members {
            if !method.parameters.iter().any(|p| p.name == *name) {
                let message = format!("`{}` has no parameter `{name}`", method.name);
                let problem = Problem::new(Code::UnknownProperty, message).about(name);
                faults.push(problem.help(method.takes()));
            }
        }
        for parameter in method.parameters.iter().filter(|p| !p.optional) {
            let given = payload.member(&parameter.name);
            if given.is_none_or(|json| *json == Json::Null) {
                let message = format!("the parameter `{}` is missing", parameter.name);
                let problem = Problem::new(Code::InvalidPayload, message);
                faults.push(problem.about(&parameter.name).help(method.takes()));
            }
        }
        faults.extend(unstorable(payload));
        match Problem::all(faults) {
            Some(problem) => Err(problem),
            None => Ok(Self {
                method,
                payload,
                reading,
            }),
        }
    }

    /// The model.
    pub fn model(&self) -> &'a Model {
        self.reading.model
    }

    /// What is given for a parameter; nothing where it is left out or null.
    fn given(&self, name: &str) -> Option<&'a Json> {
        self.payload
            .member(name)
            .filter(|json| **json != Json::Null)
    }

    /// The text of a parameter.
    ///
    /// # Errors
    ///
    /// `TypeMismatch` for another type.
    pub fn text(&self, name: &str) -> Result<&'a str> {
        let json = self.given(name).unwrap_or(&Json::Null);
        json.text().ok_or_else(|| mismatch(name, "a text", json))
    }

    /// The text of a parameter that may be left out, or be null.
    ///
    /// # Errors
    ///
    /// As [`Arguments::text`].
    pub fn optional(&self, name: &str) -> Result<Option<&'a str>> {
        match self.given(name) {
            None => Ok(None),
            Some(_) => self.text(name).map(Some),
        }
    }

    /// The truth value of a parameter; its default where it is left out.
    ///
    /// # Errors
    ///
    /// As [`Arguments::text`].
    pub fn flag(&self, name: &str) -> Result<bool> {
        match self.given(name) {
            None => Ok(self.default(name) == Some("true")),
            Some(Json::Boolean(flag)) => Ok(*flag),
            Some(json) => Err(mismatch(name, "`true` or `false`", json)),
        }
    }

    /// The number of a parameter, which is not negative; its default where it is left out.
    ///
    /// # Errors
    ///
    /// As [`Arguments::text`]; `InvalidValue` for a negative number.
    pub fn count(&self, name: &str) -> Result<usize> {
        let Some(json) = self.given(name) else {
            let default = self.default(name).and_then(|text| text.parse().ok());
            return Ok(default.unwrap_or_default());
        };
        let Json::Number(number) = json else {
            return Err(mismatch(name, "a number", json));
        };
        let count = number.as_u64().and_then(|n| usize::try_from(n).ok());
        count.ok_or_else(|| {
            let message = format!("`{name}` takes a whole number that is not negative");
            Problem::new(Code::InvalidValue, message).about(name)
        })
    }

    /// The time of a parameter that may be left out, or be null.
    ///
    /// # Errors
    ///
    /// As [`Arguments::text`]; `InvalidValue` for what is no time.
    pub fn time(&self, name: &str) -> Result<Option<Timestamp>> {
        let Some(text) = self.optional(name)? else {
            return Ok(None);
        };
        let time = Timestamp::parse(text).ok_or_else(|| {
            let message = format!("`{name}` takes a time such as `2027-01-01T00:00:00Z`");
            Problem::new(Code::InvalidValue, message).about(name)
        });
        time.map(Some)
    }

    /// The object of a parameter whose type is an entity: `{"@odata.id": address}`, or the address
    /// alone. Whether there is such an object is not seen to.
    ///
    /// # Errors
    ///
    /// What is wrong with the address.
    pub fn object(&self, name: &str) -> Result<(EntityId, Uuid)> {
        let json = self.given(name).unwrap_or(&Json::Null);
        let parameter = self.method.parameters.iter().find(|p| p.name == name);
        let target = parameter.and_then(|p| self.model().repository(&p.type_name));
        let target = target.ok_or_else(|| {
            let message = format!("the parameter `{name}` is of no entity");
            Problem::new(Code::Internal, message)
        })?;
        let object = match json.text() {
            Some(address) => self.reading.address(target, address),
            None => self.reading.link(target, json),
        };
        object.map_err(|problem| problem.about(name))
    }

    /// A new object of an entity with these texts, as a payload would give them.
    ///
    /// # Errors
    ///
    /// Every text that does not fit its attribute.
    pub fn draft(&self, entity: EntityId, texts: &[(&str, Option<&str>)]) -> Result<Draft> {
        let given = texts.iter();
        let given = given.filter_map(|(name, text)| Some((*name, (*text)?)));
        let members = given.map(|(name, text)| (name.to_owned(), Json::Text(text.to_owned())));
        let payload = Json::Object(members.collect());
        Ok(self.reading.object(entity, &payload)?.draft)
    }

    /// What the metadata says that leaving a parameter out means.
    pub fn default(&self, name: &str) -> Option<&'a str> {
        let parameter = self.method.parameters.iter().find(|p| p.name == name);
        parameter.and_then(|p| p.default.as_deref())
    }
}

fn mismatch(name: &str, wanted: &str, given: &Json) -> Problem {
    let message = format!("`{name}` takes {wanted}, not {}", given.noun());
    Problem::new(Code::TypeMismatch, message).about(name)
}
