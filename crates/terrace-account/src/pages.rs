//! All pages of one call.

use serde_json::Value as Json;

use crate::{Account, Call, Refusal, Xml};

/// Nothing in an account has more pages.
const MOST: usize = 2000;

/// What was answered until there were no more pages, or until one was refused.
#[derive(Debug)]
pub struct Pages<T> {
    /// Those that were answered, in order.
    pub read: Vec<T>,
    /// Why there are no more than these, if there should be.
    pub stopped: Option<Refusal>,
}

impl<T> Pages<T> {
    /// All of them.
    ///
    /// # Errors
    /// If one was refused.
    pub fn whole(self) -> Result<Vec<T>, Refusal> {
        self.stopped.map_or(Ok(self.read), Err)
    }
}

impl Account {
    /// All pages of a form: each answer's `token` element is the next call's `field`.
    pub async fn pages(&self, call: &Call<'_>, (token, field): (&str, &str)) -> Pages<Xml> {
        let mut turning = Turning::new(field);
        while let Some(call) = turning.next(call) {
            let answer = self.xml(&call).await;
            turning.turn(answer, |page| page.find(token).map(Xml::own));
        }
        turning.pages
    }

    /// All pages of JSON.
    pub async fn sheets(&self, call: &Call<'_>, (token, field): (&str, &str)) -> Pages<Json> {
        let mut turning = Turning::new(field);
        while let Some(call) = turning.next(call) {
            let answer = self.json(&call).await;
            turning.turn(answer, |page| page.get(token).and_then(Json::as_str));
        }
        turning.pages
    }
}

/// Pages, and which is next.
struct Turning<'a, T> {
    pages: Pages<T>,
    field: &'a str,
    token: Option<String>,
    done: bool,
}

impl<'a, T> Turning<'a, T> {
    fn new(field: &'a str) -> Self {
        Self { pages: Pages { read: Vec::new(), stopped: None }, field, token: None, done: false }
    }

    /// The call for the next page; none if there is no more.
    fn next<'c>(&self, call: &Call<'c>) -> Option<Call<'c>> {
        if self.done {
            return None;
        }
        let call = call.clone();
        Some(match &self.token {
            Some(token) => call.with(self.field, token),
            None => call,
        })
    }

    /// Takes a page, whose token `next` finds.
    fn turn(&mut self, answer: Result<T, Refusal>, next: impl Fn(&T) -> Option<&str>) {
        match answer {
            Ok(page) => {
                let more = next(&page).filter(|token| !token.is_empty()).map(str::to_owned);
                self.pages.read.push(page);
                // A token that comes back the same would turn for ever.
                self.done = more.is_none() || more == self.token || self.pages.read.len() >= MOST;
                self.token = more;
            }
            Err(refusal) => {
                self.pages.stopped = Some(refusal);
                self.done = true;
            }
        }
    }
}
