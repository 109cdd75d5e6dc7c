//! Results that are asked for seldom: plain objects with the names of `index.d.ts`, made by `serde-wasm-bindgen`.
//!
//! All results are made of one type. Serializing a type for each kind of result makes the module 6 KB larger (brotli).

use super::narrow;
use super::utf16::Utf16Map;
use crate::address::{Identities, Identity};
use crate::decision::{Finding, Rejudgement, SmtpReply};
use crate::diagnostic::{Diagnostic, Fix, Span, UserField};
use crate::message::HeaderEdit;
use crate::policy::{How, Rule};
use crate::priority::{Level, PriorityResolution};
use crate::user::User;
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use wasm_bindgen::prelude::JsValue;

/// A value of JSON.
pub(super) enum Shape<'a> {
    Flag(bool),
    Number(u32),
    Text(Cow<'a, str>),
    List(Vec<Self>),
    Object(Object<'a>),
}

/// The properties of an object. An absent value is no property.
#[derive(Default)]
pub(super) struct Object<'a>(Vec<(&'static str, Shape<'a>)>);

impl<'a> Object<'a> {
    #[inline(never)]
    pub(super) fn set(&mut self, name: &'static str, value: Shape<'a>) -> &mut Self {
        self.0.push((name, value));
        self
    }

    #[inline(never)]
    pub(super) fn text(&mut self, name: &'static str, text: &'a str) -> &mut Self {
        self.set(name, Shape::Text(Cow::Borrowed(text)))
    }

    #[inline(never)]
    pub(super) fn owned(&mut self, name: &'static str, text: String) -> &mut Self {
        self.set(name, Shape::Text(Cow::Owned(text)))
    }

    #[inline(never)]
    pub(super) fn number(&mut self, name: &'static str, number: u32) -> &mut Self {
        self.set(name, Shape::Number(number))
    }

    #[inline(never)]
    pub(super) fn flag(&mut self, name: &'static str, flag: bool) -> &mut Self {
        self.set(name, Shape::Flag(flag))
    }

    #[inline(never)]
    pub(super) fn some_text(&mut self, name: &'static str, text: Option<&'a str>) -> &mut Self {
        match text {
            Some(text) => self.text(name, text),
            None => self,
        }
    }

    pub(super) fn optional(&mut self, name: &'static str, value: Option<Shape<'a>>) -> &mut Self {
        match value {
            Some(value) => self.set(name, value),
            None => self,
        }
    }

    /// The object as a value.
    #[inline(never)]
    pub(super) fn take(&mut self) -> Shape<'a> {
        Shape::Object(Self(std::mem::take(&mut self.0)))
    }
}

impl<'a> From<&'a str> for Shape<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl Serialize for Shape<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Number(number) => serializer.serialize_u32(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => {
                let mut out = serializer.serialize_seq(None)?;
                for item in items {
                    out.serialize_element(item)?;
                }
                out.end()
            }
            Self::Object(Object(properties)) => {
                let mut out = serializer.serialize_map(None)?;
                for (name, value) in properties {
                    out.serialize_entry(name, value)?;
                }
                out.end()
            }
        }
    }
}

impl Shape<'_> {
    /// The value in JavaScript.
    pub(super) fn to_js(&self) -> JsValue {
        let serializer = serde_wasm_bindgen::Serializer::json_compatible();
        // JavaScript has all that a shape may be. If it has not, the call fails as after any fault of the engine.
        self.serialize(&serializer).unwrap_or_else(|error| wasm_bindgen::throw_val(error.into()))
    }
}

/// A list of shapes.
pub(super) fn list<'a, T>(items: impl IntoIterator<Item = T>, mut shape: impl FnMut(T) -> Shape<'a>) -> Shape<'a> {
    #[inline(never)]
    fn push<'a>(list: &mut Vec<Shape<'a>>, item: Shape<'a>) {
        list.push(item);
    }
    let mut list = Vec::new();
    for item in items {
        push(&mut list, shape(item));
    }
    Shape::List(list)
}

fn span(span: Span, map: &Utf16Map<'_>) -> Shape<'static> {
    let (start, end) = map.span(span);
    Object::default().number("start", start).number("end", end).take()
}

pub(super) fn fix<'a>(fix: &'a Fix, map: &Utf16Map<'_>) -> Shape<'a> {
    let edits = list(&fix.edits, |edit| {
        Object::default().set("span", span(edit.span, map)).text("replacement", &edit.replacement).take()
    });
    Object::default().text("title", &fix.title).set("edits", edits).flag("safe", fix.safe).take()
}

fn diagnostic<'a>(diagnostic: &'a Diagnostic, map: Option<&Utf16Map<'_>>) -> Shape<'a> {
    let help = diagnostic.help();
    let mut params = Object::default();
    for (name, value) in diagnostic.params() {
        params.text(name, value);
    }
    Object::default()
        .text("code", diagnostic.code.as_str())
        .text("severity", diagnostic.severity().as_str())
        .owned("message", diagnostic.message())
        .set("params", params.take())
        .optional("help", (!help.is_empty()).then(|| Shape::Text(help.into())))
        .some_text("field", diagnostic.field.map(UserField::as_str))
        .optional("span", diagnostic.span.zip(map).map(|(place, map)| span(place, map)))
        .optional("fix", diagnostic.fix.as_ref().zip(map).map(|(it, map)| fix(it, map)))
        .take()
}

/// Diagnostics, each with the map of the text that it is about. They are made one by one, since there may be 131,072.
#[inline(never)]
pub(super) fn diagnostics<'a>(
    all: &[Diagnostic],
    map: &dyn Fn(Option<UserField>) -> Option<&'a Utf16Map<'a>>,
) -> js_sys::Array {
    let array = js_sys::Array::new();
    for one in all {
        array.push(&diagnostic(one, map(one.field)).to_js());
    }
    array
}

pub(super) fn user(user: &User) -> Shape<'_> {
    Object::default()
        .some_text("username", user.username())
        .flag("active", user.active())
        .number("priority", level(user.priority()))
        .text("note", user.note())
        .text("domains", user.domains())
        .text("senders", user.senders())
        .take()
}

fn rule(rule: &Rule, how: Option<How>) -> Shape<'_> {
    Object::default()
        .text("list", rule.list.as_str())
        .text("entry", &rule.entry)
        .some_text("how", how.map(How::as_str))
        .take()
}

pub(super) fn finding(finding: &Finding) -> Shape<'_> {
    let candidates = &finding.candidates;
    Object::default()
        .text("identity", finding.identity.as_str())
        .number("field", narrow(finding.field))
        .text("verdict", finding.verdict.as_str())
        .text("reason", finding.reason.as_str())
        .some_text("of", finding.of.map(Identity::as_str))
        .some_text("address", finding.address.as_deref())
        .optional("rule", finding.rule.as_ref().map(|it| rule(it, None)))
        .optional("nearMiss", finding.near_miss.as_ref().map(|near| rule(&near.rule, Some(near.how))))
        .optional("candidates", (!candidates.is_empty()).then(|| list(candidates, |text| text.as_str().into())))
        .take()
}

fn members(identities: Identities) -> Shape<'static> {
    list(identities.iter(), |identity: Identity| identity.as_str().into())
}

pub(super) fn rejudgement(again: &Rejudgement) -> Shape<'_> {
    Object::default()
        .text("action", again.action.as_str())
        .text("verdict", again.verdict.as_str())
        .text("reason", again.reason.as_str())
        .set("findings", list(&again.findings, finding))
        .set("unknown", members(again.unknown))
        .optional("decidedBy", again.decided_by.map(|place| Shape::Number(narrow(place))))
        .take()
}

fn level(level: Level) -> u32 {
    u32::from(level.number())
}

pub(super) fn fields(fields: [(&'static str, &'static str); 3]) -> Shape<'static> {
    list(fields, |(name, value)| Object::default().text("name", name).text("value", value).take())
}

pub(super) fn priority(resolution: &PriorityResolution) -> Shape<'static> {
    Object::default()
        .number("effective", level(resolution.effective))
        .number("user", level(resolution.user))
        .optional("message", resolution.message.map(|message| Shape::Number(level(message))))
        .text("source", resolution.source.as_str())
        .flag("conflict", resolution.conflict)
        .flag("capped", resolution.capped)
        .set("fields", fields(resolution.fields()))
        .take()
}

pub(super) fn reply(reply: &SmtpReply) -> Shape<'_> {
    Object::default()
        .number("code", u32::from(reply.code))
        .text("enhancedCode", reply.enhanced_code)
        .text("text", &reply.text)
        .take()
}

pub(super) fn edits(edits: &[HeaderEdit]) -> Shape<'_> {
    list(edits, |edit| {
        Object::default()
            .number("start", narrow(edit.start))
            .number("end", narrow(edit.end))
            .text("insert", &edit.insert)
            .take()
    })
}
