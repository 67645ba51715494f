//! Parses `poll(…)` and `wait(…)`.

use proc_macro2::Ident;
use syn::{Expr, ExprLit, Lit, LitInt, LitStr};

use crate::keys::{self, Key, Keys};
use crate::mistakes::Mistakes;
use crate::tokens::split_at_commas;

/// How an operation polls, as it is declared.
pub(in crate::operations) struct Polls {
    /// The key.
    pub(super) name: Ident,
    pub(super) read: Read,
    pub(super) state: Option<LitStr>,
    pub(super) done: Vec<Mark>,
    pub(super) failed: Vec<Mark>,
    pub(super) running: Running,
    pub(super) result: Option<Value>,
    pub(super) cancel: Option<Target>,
    pub(super) adopt: Option<Value>,
    pub(super) interval: Option<Expr>,
    pub(super) total: Option<Expr>,
}

/// How a state is read.
pub(super) enum Read {
    /// By the call itself.
    Itself,
    UntilExists,
    UntilGone,
    Value(Value),
}

/// Another operation of the impl, with the pointers to the values of its path.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) operation: Ident,
    pub(super) path: Vec<LitStr>,
}

/// What `read`, `result` and `adopt` can be.
pub(super) enum Value {
    Operation(Target),
    /// The URL in the header `Location` or `Operation-Location`.
    Location(Ident),
    /// The text of a header.
    Header(Ident, LitStr),
    /// The URL at a pointer.
    Url(LitStr),
    /// The value at a pointer.
    At(LitStr),
}

/// What means a state.
pub(super) enum Mark {
    /// A state, or the pointer to a value that is there.
    Text(LitStr),
    Status(LitInt),
}

pub(super) enum Running {
    Usual,
    Marks(Vec<Mark>),
    Any,
}

impl Polls {
    /// Parses the key `poll` or `wait`, if there is one.
    pub(in crate::operations) fn parse(keys: &Keys, mistakes: &mut Mistakes) -> Option<Self> {
        let (poll, wait) = (keys.get("poll"), keys.get("wait"));
        if let (Some(_), Some(wait)) = (poll, wait) {
            mistakes.at(&wait.name, "an operation either starts a job or waits; keep `poll(…)` or `wait(…)`");
        }
        let key = poll.or(wait)?;
        let grammar = if poll.is_some() { keys::POLL } else { keys::WAIT };
        let inner = key.keys(grammar, mistakes);
        let read =
            if poll.is_some() { read(key, &inner, mistakes) } else { Some(until(key, &inner, mistakes)) };
        let list = |name: &str, mistakes: &mut Mistakes| inner.get(name).map(|key| marks(key, mistakes));
        Some(Self {
            name: key.name.clone(),
            state: inner.string("state", mistakes),
            done: list("done", mistakes).unwrap_or_default(),
            failed: list("failed", mistakes).unwrap_or_default(),
            running: running(&inner, mistakes),
            result: inner.get("result").and_then(|key| value(key, mistakes)),
            cancel: inner.get("cancel").and_then(|key| cancel(key, mistakes)),
            adopt: inner.get("adopt").and_then(|key| value(key, mistakes)),
            interval: inner.expression("interval", mistakes, "Duration::from_secs(5)"),
            total: inner.expression("total", mistakes, "Duration::from_secs(600)"),
            // Without `read` nothing else is known.
            read: read?,
        })
    }

    /// The key.
    pub(in crate::operations) fn name(&self) -> &Ident {
        &self.name
    }

    /// Whether the call is repeated, and starts nothing.
    pub(in crate::operations) fn is_wait(&self) -> bool {
        !matches!(self.read, Read::Value(_))
    }

    /// How the state is read, for the descriptor.
    pub(in crate::operations) fn style(&self) -> String {
        match &self.read {
            Read::Itself | Read::UntilExists | Read::UntilGone => "wait".to_owned(),
            Read::Value(Value::Operation(target)) => target.operation.to_string(),
            Read::Value(Value::Location(word) | Value::Header(word, _)) => word.to_string(),
            Read::Value(Value::Url(_) | Value::At(_)) => "url".to_owned(),
        }
    }

    /// The operation that returns the result, if one does.
    pub(in crate::operations) fn result_operation(&self) -> Option<&Ident> {
        match &self.result {
            Some(Value::Operation(target)) => Some(&target.operation),
            _ => None,
        }
    }

    /// The other operations that are named, each with its key.
    pub(super) fn targets(&self) -> impl Iterator<Item = (&'static str, &Target)> {
        fn of(value: Option<&Value>) -> Option<&Target> {
            match value {
                Some(Value::Operation(target)) => Some(target),
                _ => None,
            }
        }
        let read = match &self.read {
            Read::Value(value) => of(Some(value)),
            _ => None,
        };
        let targets =
            [("read", read), ("cancel", self.cancel.as_ref()), ("result", of(self.result.as_ref()))];
        targets.into_iter().filter_map(|(name, target)| Some((name, target?)))
    }
}

fn read(key: &Key, keys: &Keys, mistakes: &mut Mistakes) -> Option<Read> {
    let Some(read) = keys.get("read") else {
        let message = "`poll` needs the operation that reads the state: `read = get(\"/id\")`, with the pointer to the value of its path in the \
                       response; or the URL that the server gives: `read = location`";
        mistakes.at(&key.name, message);
        return None;
    };
    match value(read, mistakes)? {
        Value::At(pointer) => {
            let message = format!(
                "`read` must be an operation or a URL: `read = get({0:?})` or `read = url({0:?})`",
                pointer.value()
            );
            mistakes.at(pointer, message);
            None
        }
        value => Some(Read::Value(value)),
    }
}

fn until(key: &Key, keys: &Keys, mistakes: &mut Mistakes) -> Read {
    let (exists, gone) = (keys.get("until_exists"), keys.get("until_gone"));
    for flag in [exists, gone].into_iter().flatten() {
        flag.flag(mistakes);
    }
    match (exists, gone) {
        (Some(_), Some(gone)) => {
            mistakes.at(&gone.name, "`until_exists` and `until_gone` exclude each other; keep one");
            Read::UntilExists
        }
        (Some(_), None) => Read::UntilExists,
        (None, Some(_)) => Read::UntilGone,
        (None, None) => {
            if keys.get("done").is_none() {
                let message = "`wait` needs what to wait for: `wait(until_exists)`, `wait(until_gone)`, or `wait(state = \"/status\", \
                               done(\"READY\"))`";
                mistakes.at(&key.name, message);
            }
            Read::Itself
        }
    }
}

/// Parses what `read`, `result` and `adopt` can be.
fn value(key: &Key, mistakes: &mut Mistakes) -> Option<Value> {
    let name = &key.name;
    let expression = key.expression(mistakes, "get(\"/id\")")?;
    let parsed = match &expression {
        Expr::Lit(ExprLit { lit: Lit::Str(pointer), .. }) => Some(Value::At(pointer.clone())),
        Expr::Path(path) => {
            path.path.get_ident().filter(|word| is_location(word)).cloned().map(Value::Location)
        }
        Expr::Call(_) => {
            target(&expression).map(|target| match (&*target.operation.to_string(), &*target.path) {
                ("header", [header]) => Value::Header(target.operation.clone(), header.clone()),
                ("url", [pointer]) => Value::Url(pointer.clone()),
                _ => Value::Operation(target),
            })
        }
        _ => None,
    };
    if parsed.is_none() {
        let message = format!(
            "`{name}` must be another operation with the pointers to the values of its path, `{name} = get(\"/id\")`, or `location`, \
             `operation_location`, `header(\"…\")`, `url(\"/pointer\")`"
        );
        mistakes.at(&expression, message);
    }
    parsed
}

fn cancel(key: &Key, mistakes: &mut Mistakes) -> Option<Target> {
    let expression = key.expression(mistakes, "cancel(\"/id\")")?;
    let target = target(&expression);
    if target.is_none() {
        let message = "`cancel` must be another operation with the pointers to the values of its path: `cancel = cancel(\"/id\")`";
        mistakes.at(&expression, message);
    }
    target
}

/// Parses `get("/id")`.
fn target(expression: &Expr) -> Option<Target> {
    let Expr::Call(call) = expression else { return None };
    let Expr::Path(function) = &*call.func else { return None };
    let operation = function.path.get_ident()?.clone();
    let path = call.args.iter().map(|argument| match argument {
        Expr::Lit(ExprLit { lit: Lit::Str(pointer), .. }) => Some(pointer.clone()),
        _ => None,
    });
    Some(Target { operation, path: path.collect::<Option<_>>()? })
}

fn is_location(word: &Ident) -> bool {
    word == "location" || word == "operation_location"
}

fn running(keys: &Keys, mistakes: &mut Mistakes) -> Running {
    let Some(key) = keys.get("running") else { return Running::Usual };
    if key.has_list() {
        return Running::Marks(marks(key, mistakes));
    }
    let is_any = |value: &Expr| matches!(value, Expr::Path(path) if path.path.is_ident("any"));
    match key.tokens().map(|tokens| syn::parse2::<Expr>(tokens.clone())) {
        Some(Ok(value)) if is_any(&value) => {}
        _ => mistakes.at(
            &key.name,
            "`running` needs the states in which the job goes on: `running(\"QUEUED\", \"RUNNING\")`, or `running = any`",
        ),
    }
    Running::Any
}

/// Parses the states, pointers and statuses of `done("FINISHED", "/result", 200)`.
fn marks(key: &Key, mistakes: &mut Mistakes) -> Vec<Mark> {
    let name = &key.name;
    let usage = format!("`{name}` needs states or statuses: `{name}(\"STATE\", 410)`");
    let Some(list) = key.list().filter(|list| !list.is_empty()) else {
        mistakes.at(name, usage);
        return Vec::new();
    };
    let mut marks = Vec::new();
    for part in split_at_commas(list.clone()) {
        match syn::parse2::<Lit>(part.clone()) {
            Ok(Lit::Str(text)) => marks.push(Mark::Text(text)),
            Ok(Lit::Int(status)) if status.base10_parse().is_ok_and(|code: u16| (100..=599).contains(&code)) => {
                marks.push(Mark::Status(status));
            }
            Ok(Lit::Int(status)) => mistakes.at(
                status,
                format!("a status must be a number from 100 to 599; a state that is a number is written as a text: `{name}(\"7\")`"),
            ),
            _ => mistakes.at(part, &usage),
        }
    }
    marks
}
