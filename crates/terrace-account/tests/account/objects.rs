//! Objects, against a server on loopback: what is sent, what an answer means, what is sent again.

use std::sync::Mutex;
use std::time::Duration;

use crate::storage::{Reply, Request, Storage, line};
use insta::assert_snapshot;
use ring::digest::{SHA256, digest};
use terrace_account::objects::{Bucket, Condition, ETag, Key, Method, Put, Written};
use terrace_account::{Account, Content, Keys, Patience, Sha256};

use Reply::{Cut, Silence, Told};

fn bucket(storage: &Storage) -> Bucket {
    within(storage, Duration::from_secs(20))
}

/// One that waits no longer than it has to where no answer comes.
fn through(storage: &Storage, fault: Reply<'_>) -> Bucket {
    if matches!(fault, Silence) { within(storage, Duration::from_secs(1)) } else { bucket(storage) }
}

fn within(storage: &Storage, silence: Duration) -> Bucket {
    let patience = Patience { silence, pause: Duration::from_millis(1), broken: true };
    let keys = Keys::new("AKIDEXAMPLE", "very-secret", Some("a-token"));
    let account = Account::given("eu-west-1", &storage.address, keys).with(patience);
    Bucket::new(&account, "items-releases".parse().unwrap()).owned_by("123456789012")
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

/// A request without what is another each time.
fn told(request: &Request) -> String {
    let mut text = format!("{}\n", line(request));
    let mut headers: Vec<_> = request.headers.iter().collect();
    headers.sort();
    for (name, value) in headers {
        let changes =
            ["authorization", "x-amz-date", "host", "x-amz-security-token", "x-amz-meta-terrace-write"];
        if !changes.contains(&name.as_str()) {
            text.push_str(&format!("{name}: {value}\n"));
        }
    }
    text + &String::from_utf8_lossy(&request.body)
}

#[tokio::test]
async fn an_object_is_written_and_read_with_all_that_is_told_of_it() {
    let about = "ETag: \"e1\"|x-amz-version-id: v1|Content-Type: text/html|Cache-Control: no-cache|x-amz-meta-by: anna|\
                 Date: Sat, 21 Nov 2026 22:00:30 GMT|Last-Modified: Sat, 21 Nov 2026 21:59:00 GMT|\
                 x-amz-checksum-sha256: LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";
    let storage = Storage::start(&[
        Told(200, "ETag: \"e1\"|x-amz-version-id: v1", ""),
        Told(200, about, "hello"),
        Told(200, &format!("{about}|Content-Length: 5"), ""),
        Told(404, "Content-Length: 0", ""),
        Told(404, "", "<Error><Code>NoSuchKey</Code></Error>"),
        Told(404, "", "<Error><Code>NoSuchBucket</Code></Error>"),
    ]);
    let bucket = bucket(&storage);
    let mut how = Put { cache_control: Some("no-cache".to_owned()), ..Put::of("text/html") };
    how.metadata.insert("by".to_owned(), "anna".to_owned());
    let written = bucket.put(&key("page/a b.html"), &Content::bytes("hello"), &how, &|_| {}).await.unwrap();
    let Written::Done(stored) = written else { panic!("{written:?}") };
    assert_eq!((stored.etag.as_str(), stored.version.as_deref()), ("\"e1\"", Some("v1")));
    let object = bucket.get(&key("page/a b.html")).await.unwrap().unwrap();
    assert_eq!(object.content.as_slice(), b"hello");
    let head = bucket.head(&key("page/a b.html")).await.unwrap().unwrap();
    assert_eq!(head, object.about);
    assert_eq!(head.age, Some(Duration::from_secs(90)));
    assert_eq!((head.sha256, head.length), (Some(Sha256::of(b"hello")), 5));
    assert_eq!(head.metadata.get("by").map(String::as_str), Some("anna"));
    assert!(bucket.head(&key("gone")).await.unwrap().is_none());
    assert!(bucket.get(&key("gone")).await.unwrap().is_none());
    assert!(bucket.get(&key("gone")).await.unwrap_err().is_absent(), "no bucket is no absent object");
    let asked = storage.asked();
    assert_snapshot!(format!("{}\n\n{}", told(&asked[0]), told(&asked[1])), @"
    PUT /items-releases/page/a%20b.html HTTP/1.1
    cache-control: no-cache
    content-length: 5
    content-type: text/html
    x-amz-checksum-sha256: LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=
    x-amz-content-sha256: 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
    x-amz-expected-bucket-owner: 123456789012
    x-amz-meta-by: anna
    x-amz-sdk-checksum-algorithm: SHA256
    hello

    GET /items-releases/page/a%20b.html HTTP/1.1
    x-amz-checksum-mode: ENABLED
    x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
    x-amz-expected-bucket-owner: 123456789012
    ");
}

#[tokio::test]
async fn each_condition_and_what_comes_of_it() {
    let failed = "<Error><Code>PreconditionFailed</Code></Error>";
    let gone = "<Error><Code>NoSuchKey</Code></Error>";
    let no_bucket = "<Error><Code>NoSuchBucket</Code></Error>";
    let conflict = "<Error><Code>ConditionalRequestConflict</Code></Error>";
    let is = || Condition::Is(ETag::new("\"old\""));
    let cases: [(&str, Condition, &[Reply<'_>], &str); 8] = [
        ("absent", Condition::Absent, &[Told(200, "ETag: \"e\"", "")], "done"),
        ("there already", Condition::Absent, &[Told(412, "", failed)], "unmet"),
        ("two at once", Condition::Absent, &[Told(409, "", conflict), Told(412, "", failed)], "unmet"),
        ("as expected", is(), &[Told(200, "ETag: \"e\"", "")], "done"),
        ("changed", is(), &[Told(412, "", failed)], "unmet"),
        ("gone", is(), &[Told(404, "", gone)], "unmet"),
        ("no bucket", is(), &[Told(404, "", no_bucket)], "NoSuchBucket"),
        ("no bucket", Condition::Absent, &[Told(404, "", no_bucket)], "NoSuchBucket"),
    ];
    for (name, condition, script, expected) in cases {
        let storage = Storage::start(script);
        let how = Put::default().on(condition.clone());
        let became = bucket(&storage).put(&key("k"), &Content::bytes("x"), &how, &|_| {}).await;
        let became = match became {
            Ok(Written::Done(_)) => "done".to_owned(),
            Ok(Written::Unmet) => "unmet".to_owned(),
            Err(refusal) => refusal.text(),
        };
        assert_eq!(became, expected, "{name}");
        let asked = storage.asked();
        assert_eq!(asked.len(), script.len(), "{name}");
        let header = match condition {
            Condition::Absent => ("if-none-match", "*"),
            _ => ("if-match", "\"old\""),
        };
        assert_eq!(asked[0].header(header.0), Some(header.1), "{name}");
    }
}

/// A write that was carried out, and whose answer was lost, is told apart from one that somebody else was faster with.
#[tokio::test]
async fn a_conditional_write_that_was_cut_off_knows_its_own_object() {
    let failed = "<Error><Code>PreconditionFailed</Code></Error>";
    for (fault, ours) in [(Cut, true), (Silence, true), (Told(500, "", ""), true), (Cut, false)] {
        // The mark is chance: the server's answer to the look tells the mark of the first request if it is ours.
        let script = [fault, Told(412, "", failed)];
        let storage = Storage::start(&script);
        let bucket = through(&storage, fault);
        let (content, how) = (Content::bytes("x"), Put::default().on(Condition::Absent));
        let k = key("k");
        let put = bucket.put(&k, &content, &how, &|_| {});
        let outcome = tokio::join!(put, async {
            // Once the second request is there, its mark is known, and the answer to the third is put into the script.
            loop {
                let asked = storage.asked();
                if let Some(first) = asked.first() {
                    let mark = first.header("x-amz-meta-terrace-write").unwrap().to_owned();
                    let mark = if ours { mark } else { "another".to_owned() };
                    storage
                        .then(&format!("ETag: \"mine\"|x-amz-meta-terrace-write: {mark}|Content-Length: 1"));
                    return;
                }
                tokio::task::yield_now().await;
            }
        })
        .0
        .unwrap();
        let asked = storage.asked();
        let marks: Vec<_> = asked[..2].iter().map(|one| one.header("x-amz-meta-terrace-write")).collect();
        assert!(marks[0].is_some() && marks[0] == marks[1], "{marks:?}");
        assert_eq!(matches!(outcome, Written::Done(_)), ours, "{fault:?}");
        assert_eq!(asked.len(), 3, "{fault:?}");
    }
}

#[tokio::test]
async fn what_breaks_on_the_way_is_sent_again_whole() {
    let body: Vec<u8> = (0..300_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive");
    std::fs::write(&path, &body).unwrap();
    let slow = "<Error><Code>SlowDown</Code></Error>";
    let late = "<Error><Code>RequestTimeout</Code></Error>";
    for fault in [Told(503, "", slow), Told(500, "", ""), Told(400, "", late), Cut, Silence] {
        for content in [Content::bytes(body.clone()), Content::file(&path).await.unwrap()] {
            let storage = Storage::start(&[fault, fault, Told(200, "ETag: \"e\"", "")]);
            let heard = Mutex::new(Vec::new());
            let tell = |sent| heard.lock().unwrap().push(sent);
            let bucket = through(&storage, fault);
            let written = bucket.put(&key("k"), &content, &Put::default(), &tell).await.unwrap();
            assert!(matches!(written, Written::Done(_)), "{fault:?}");
            let asked = storage.asked();
            assert_eq!(asked.len(), 3, "{fault:?}");
            assert!(asked.iter().all(|one| one.body == body), "{fault:?}");
            let heard = heard.into_inner().unwrap();
            assert!(heard.iter().all(|sent| *sent <= 300_000) && heard.contains(&300_000), "{heard:?}");
        }
    }
}

#[tokio::test]
async fn a_file_that_is_another_or_gone_is_not_sent_as_if_it_were_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive");
    std::fs::write(&path, b"longer than afterwards").unwrap();
    let content = Content::file(&path).await.unwrap();
    assert_eq!((content.length(), content.sha256()), (22, Sha256::of(b"longer than afterwards")));
    std::fs::write(&path, b"short").unwrap();
    let storage = Storage::start(&[]);
    let refusal = bucket(&storage).put(&key("k"), &content, &Put::default(), &|_| {}).await.unwrap_err();
    assert!(refusal.text().contains("the file has become shorter"), "{refusal}");
    std::fs::remove_file(&path).unwrap();
    let refusal = bucket(&storage).put(&key("k"), &content, &Put::default(), &|_| {}).await.unwrap_err();
    assert!(refusal.is_unanswered() && !refusal.is_cut(), "{refusal}");
    assert!(Content::file(&path).await.is_err());
}

#[tokio::test]
async fn a_bucket_in_another_region_is_told() {
    let body = "<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>";
    let wrong = "<Error><Code>AuthorizationHeaderMalformed</Code><Region>us-west-2</Region></Error>";
    let storage = Storage::start(&[
        Told(301, "x-amz-bucket-region: us-west-2", body),
        Told(301, "x-amz-bucket-region: us-west-2|Content-Length: 0", ""),
        Told(400, "", wrong),
        Told(200, "ETag: \"e\"", ""),
    ]);
    let bucket = bucket(&storage);
    for (method, query) in [(Method::Get, "versioning"), (Method::Head, ""), (Method::Get, "versioning")] {
        let refusal = bucket.ask(method, query, &[], "").await.unwrap_err();
        assert_eq!(refusal.region(), Some("us-west-2"), "{refusal}");
    }
    bucket.within("us-west-2").ask(Method::Get, "versioning", &[], "").await.unwrap();
    assert!(storage.asked()[3].header("authorization").unwrap().contains("/us-west-2/s3/aws4_request"));
}

#[tokio::test]
async fn what_is_in_a_bucket_with_every_odd_key() {
    let first = "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>\
        <NextContinuationToken>a+b/=</NextContinuationToken><Contents><Key>releases/a+b%2Bc%0A%C3%A4</Key><Size>3</Size>\
        <ETag>&quot;e1&quot;</ETag><LastModified>2026-11-21T10:00:00.000Z</LastModified></Contents></ListBucketResult>";
    let second = "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>releases/a+b</Key><Size>0</Size>\
        <ETag>&quot;e2&quot;</ETag></Contents></ListBucketResult>";
    let storage = Storage::start(&[Told(200, "", first), Told(200, "", second)]);
    let listed = bucket(&storage).list("releases/ü&").await.unwrap();
    let found: Vec<_> = listed.iter().map(|one| (one.key.as_str(), one.length, one.etag.as_str())).collect();
    assert_eq!(found, [("releases/a b+c\nä", 3, "\"e1\""), ("releases/a+b", 0, "\"e2\"")]);

    let versions = "<ListVersionsResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextKeyMarker>k+1</NextKeyMarker>\
        <NextVersionIdMarker>v2</NextVersionIdMarker><Version><Key>k+1</Key><VersionId>v2</VersionId><IsLatest>false</IsLatest>\
        <Size>7</Size></Version><DeleteMarker><Key>k+1</Key><VersionId>v3</VersionId><IsLatest>true</IsLatest></DeleteMarker>\
        </ListVersionsResult>";
    let last = "<ListVersionsResult><IsTruncated>false</IsTruncated></ListVersionsResult>";
    let others = Storage::start(&[Told(200, "", versions), Told(200, "", last)]);
    let versions = bucket(&others).versions("").await.unwrap();
    let found: Vec<_> = versions
        .iter()
        .map(|one| (one.key.as_str(), one.version.as_str(), one.is_mark, one.is_latest))
        .collect();
    assert_eq!(found, [("k 1", "v2", false, false), ("k 1", "v3", true, true)]);
    let lines: Vec<String> = storage.asked().iter().chain(&others.asked()).map(line).collect();
    assert_snapshot!(lines.join("\n"), @"
    GET /items-releases/?encoding-type=url&list-type=2&prefix=releases%2F%C3%BC%26 HTTP/1.1
    GET /items-releases/?encoding-type=url&list-type=2&prefix=releases%2F%C3%BC%26&continuation-token=a%2Bb%2F%3D HTTP/1.1
    GET /items-releases/?encoding-type=url&prefix=&versions HTTP/1.1
    GET /items-releases/?encoding-type=url&prefix=&key-marker=k%201&version-id-marker=v2&versions HTTP/1.1
    ");
}

#[tokio::test]
async fn many_are_deleted_at_once_and_those_that_stay_are_told() {
    let stays = "<DeleteResult><Error><Key>b</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>";
    let storage = Storage::start(&[
        Told(200, "", "<DeleteResult/>"),
        Told(200, "", stays),
        Told(204, "Content-Length: 0", ""),
        Told(404, "", "<Error><Code>NoSuchVersion</Code></Error>"),
    ]);
    let bucket = bucket(&storage);
    let mut all: Vec<(Key, Option<String>)> = (0..1001).map(|n| (key(&format!("k{n}")), None)).collect();
    all[1000] = (key("a<&>\u{e4}"), Some("v1".to_owned()));
    all.push((key("a\u{1}"), Some("v 2".to_owned())));
    let left = bucket.delete_all(&all).await.unwrap();
    assert_eq!((left.len(), left[0].key.as_str(), left[0].code.as_str()), (1, "b", "AccessDenied"));
    bucket.delete(&key("gone"), None).await.unwrap();
    let asked = storage.asked();
    assert_eq!(asked[0].body.windows(8).filter(|part| part == b"<Object>").count(), 1000);
    assert_snapshot!(asked[1..].iter().map(told).collect::<Vec<_>>().join("\n\n"), @r#"
    POST /items-releases/?delete HTTP/1.1
    content-length: 153
    content-type: application/xml
    x-amz-checksum-sha256: dWZLAcJsp7lQoaGHawjpngA4WlT6DcI3hKxBSnUDJjA=
    x-amz-content-sha256: 75664b01c26ca7b950a1a1876b08e99e00385a54fa0dc23784ac414a75032630
    x-amz-expected-bucket-owner: 123456789012
    x-amz-sdk-checksum-algorithm: SHA256
    <Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet><Object><Key>a&lt;&amp;&gt;ä</Key><VersionId>v1</VersionId></Object></Delete>

    DELETE /items-releases/a%01?versionId=v%202 HTTP/1.1
    x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
    x-amz-expected-bucket-owner: 123456789012


    DELETE /items-releases/gone HTTP/1.1
    x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
    x-amz-expected-bucket-owner: 123456789012
    "#);
}

/// By the steps of "Create a signed AWS API request", written anew, from what came over the wire.
#[tokio::test]
async fn keys_of_every_character_are_signed_as_they_are_sent() {
    let keys = [
        "plain",
        "a b",
        "a+b",
        "a/../b",
        "a//b/./",
        "/",
        "ä/日本",
        "%41%2f",
        "a?b=c&d#e",
        "~!*'();:@&=+$,[]",
        "a\\b\"<>",
        "\u{1}\n",
        "🙂",
    ];
    for name in keys {
        let storage = Storage::start(&[Told(200, "ETag: \"e\"", ""), Told(204, "Content-Length: 0", "")]);
        let bucket = bucket(&storage);
        let how = Put::of("text/plain").on(Condition::Is(ETag::new("\"old\"")));
        bucket.put(&key(name), &Content::bytes("body"), &how, &|_| {}).await.unwrap();
        bucket.delete(&key(name), Some("a+b/ =&")).await.unwrap();
        for request in storage.asked() {
            assert_eq!(signature(&request), expected(&request), "{name}: {}", line(&request));
        }
    }
}

fn signature(request: &Request) -> String {
    request.header("authorization").unwrap().rsplit_once("Signature=").unwrap().1.to_owned()
}

fn expected(request: &Request) -> String {
    let authorization = request.header("authorization").unwrap();
    let part = |name: &str| authorization.split_once(name).unwrap().1.split(',').next().unwrap().to_owned();
    let (names, scope) = (part("SignedHeaders="), part("Credential=AKIDEXAMPLE/"));
    for needed in
        ["host", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token", "x-amz-expected-bucket-owner"]
    {
        assert!(names.split(';').any(|one| one == needed), "{needed} is not signed: {names}");
    }
    let line = line(request);
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers: String =
        names.split(';').map(|name| format!("{name}:{}\n", request.header(name).unwrap())).collect();
    let body = hex(digest(&SHA256, &request.body).as_ref());
    assert_eq!(request.header("x-amz-content-sha256"), Some(body.as_str()));
    // There is at most one parameter, so there is nothing to sort.
    let canonical = format!("{method}\n{path}\n{query}\n{headers}\n{names}\n{body}");
    let date = request.header("x-amz-date").unwrap();
    let text =
        format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(digest(&SHA256, canonical.as_bytes()).as_ref()));
    let key = scope.split('/').fold(b"AWS4very-secret".to_vec(), |key, part| mac(&key, part));
    hex(&mac(&key, &text))
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key);
    ring::hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn names_that_no_bucket_and_no_object_has() {
    use terrace_account::objects::BucketName;
    let (long, longest) = ("a".repeat(64), "a".repeat(63));
    for name in ["", "ab", "Items", "items_1", "-items", "items-", "a..b", ".ab", "ä-items", &long] {
        assert!(name.parse::<BucketName>().is_err(), "{name}");
    }
    for name in ["abc", "a.b", "1-2", &longest] {
        assert_eq!(name.parse::<BucketName>().unwrap().as_str(), name);
    }
    assert!(Key::new("").is_err() && Key::new("ä".repeat(513)).is_err() && Key::new("ä".repeat(512)).is_ok());
    let digest = Sha256::of(b"hello");
    assert_eq!(digest.hex().parse::<Sha256>(), Ok(digest));
    assert_eq!(Sha256::from_base64(&digest.base64()), Some(digest));
    for wrong in ["", "0", &"g".repeat(64), &"ä".repeat(32), "tlYi4w==-2"] {
        assert!(wrong.parse::<Sha256>().is_err() && Sha256::from_base64(wrong).is_none(), "{wrong}");
    }
}
