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
        let next = |page: &Xml| page.find(token).map(|token| token.own().to_owned());
        turned(call, field, async |call| self.xml(&call).await, next).await
    }

    /// All pages of JSON.
    pub async fn sheets(&self, call: &Call<'_>, (token, field): (&str, &str)) -> Pages<Json> {
        let next = |page: &Json| page.get(token).and_then(Json::as_str).map(str::to_owned);
        turned(call, field, async |call| self.json(&call).await, next).await
    }
}

async fn turned<'a, T>(
    call: &Call<'a>,
    field: &str,
    ask: impl AsyncFn(Call<'a>) -> Result<T, Refusal>,
    next: impl Fn(&T) -> Option<String>,
) -> Pages<T> {
    let mut pages = Pages { read: Vec::new(), stopped: None };
    let mut token: Option<String> = None;
    while pages.read.len() < MOST {
        let call = match &token {
            Some(token) => call.clone().with(field, token),
            None => call.clone(),
        };
        let page = match ask(call).await {
            Ok(page) => page,
            Err(refusal) => {
                pages.stopped = Some(refusal);
                break;
            }
        };
        let more = next(&page).filter(|token| !token.is_empty());
        pages.read.push(page);
        if more.is_none() || more == token {
            break;
        }
        token = more;
    }
    pages
}
