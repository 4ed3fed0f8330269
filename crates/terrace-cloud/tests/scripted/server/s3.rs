//! Buckets: PutObject with conditions, CopyObject, HeadObject, GetObject, ListObjectsV2, DeleteObject(s).

use std::collections::BTreeMap;

use terrace_account::Sha256;
use terrace_stand_in::Answer;

use super::{Request, World};

/// What a key has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Object {
    pub(crate) body: Vec<u8>,
    pub(crate) etag: String,
    /// `content-type`, `cache-control`, `x-amz-meta-…`.
    pub(crate) headers: BTreeMap<String, String>,
}

impl Object {
    fn told(&self) -> Answer {
        let reply = Answer::of(200, "").with("ETag", &self.etag);
        let reply = reply.with("x-amz-checksum-sha256", &Sha256::of(&self.body).base64());
        self.headers.iter().fold(reply, |reply, (name, value)| reply.with(name, value))
    }
}

fn place(request: &Request) -> (&str, &str) {
    let path = request.path.trim_start_matches('/');
    path.split_once('/').unwrap_or((path, ""))
}

pub(super) fn name(request: &Request) -> String {
    let (bucket, key) = place(request);
    let action = match (request.method.as_str(), key) {
        ("GET", "") => return format!("ListObjectsV2 {bucket} {}", request.query["prefix"]),
        ("POST", "") => return format!("DeleteObjects {bucket}"),
        ("PUT", _) if request.header("x-amz-copy-source").is_some() => "CopyObject",
        ("PUT", _) => "PutObject",
        ("GET", _) => "GetObject",
        ("HEAD", _) => "HeadObject",
        ("DELETE", _) => "DeleteObject",
        other => panic!("{other:?}"),
    };
    format!("{action} {bucket} {key}")
}

impl World {
    pub(super) fn s3(&mut self, request: &Request) -> Answer {
        let (bucket, key) = place(request);
        assert_eq!(request.header("x-amz-expected-bucket-owner"), Some("123456789012"), "{request:?}");
        if !self.buckets.contains_key(bucket) {
            return request.error(404, "NoSuchBucket");
        }
        if request.method == "PUT" {
            return self.put(bucket, key, request);
        }
        let objects = self.buckets.get_mut(bucket).unwrap();
        match (request.method.as_str(), key) {
            ("GET", "") => {
                let mut text = "<ListBucketResult><IsTruncated>false</IsTruncated>".to_owned();
                for (key, object) in
                    objects.iter().filter(|(key, _)| key.starts_with(&request.query["prefix"]))
                {
                    let (size, etag) = (object.body.len(), &object.etag);
                    text.push_str(&format!(
                        "<Contents><Key>{key}</Key><Size>{size}</Size><ETag>{}</ETag></Contents>",
                        etag.replace('"', "&quot;")
                    ));
                }
                Answer::of(200, text + "</ListBucketResult>")
            }
            ("POST", "") => {
                let text = request.text();
                for part in text.split("<Key>").skip(1) {
                    objects.remove(part.split("</Key>").next().unwrap());
                }
                Answer::of(200, "<DeleteResult></DeleteResult>")
            }
            ("DELETE", key) => {
                objects.remove(key);
                Answer::of(204, "")
            }
            (method, key) => match objects.get(key) {
                Some(object) => Answer { body: object.body.clone(), ..object.told() },
                None if method == "HEAD" => Answer::of(404, ""),
                None => request.error(404, "NoSuchKey"),
            },
        }
    }

    fn put(&mut self, bucket: &str, key: &str, request: &Request) -> Answer {
        let there = self.buckets[bucket].get(key);
        match (request.header("if-none-match"), request.header("if-match")) {
            (Some("*"), _) if there.is_some() => return request.error(412, "PreconditionFailed"),
            (_, Some(_)) if there.is_none() => return request.error(404, "NoSuchKey"),
            (_, Some(etag)) if there.is_some_and(|there| there.etag != etag) => {
                return request.error(412, "PreconditionFailed");
            }
            _ => {}
        }
        let source = request.header("x-amz-copy-source");
        let body = match source {
            None => {
                let sent = request.header("x-amz-checksum-sha256").unwrap();
                assert_eq!(Sha256::of(&request.body).base64(), sent);
                self.bytes += request.body.len();
                request.body.clone()
            }
            Some(source) => {
                let (from, key) = source.split_once('/').unwrap();
                match self.buckets.get(from).and_then(|objects| objects.get(&super::decoded(key))) {
                    Some(object) => object.body.clone(),
                    None => return request.error(404, "NoSuchKey"),
                }
            }
        };
        self.given += 1;
        let etag = format!("\"e{}\"", self.given);
        let told =
            |name: &str| name == "content-type" || name == "cache-control" || name.starts_with("x-amz-meta-");
        let headers = request.headers.iter().filter(|(name, _)| told(name));
        let headers = headers.map(|(name, value)| (name.clone(), value.clone())).collect();
        let object = Object { body, etag: etag.clone(), headers };
        self.buckets.get_mut(bucket).unwrap().insert(key.to_owned(), object);
        match source {
            None => Answer::of(200, "").with("ETag", &etag),
            Some(_) => Answer::of(200, format!("<CopyObjectResult><ETag>{etag}</ETag></CopyObjectResult>")),
        }
    }
}
