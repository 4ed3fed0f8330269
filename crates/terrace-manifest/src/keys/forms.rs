//! The forms of strings. Each pattern says what the value's own type says; a test holds them together.

use crate::describe::Text;
use crate::suggest;

pub(crate) static SYSTEM_NAME: Text = Text {
    noun: "name of a system",
    pattern: "^[a-z](-?[a-z0-9])*$",
    longest: 20,
    is_often_bare: false,
    mend: suggest::system_name,
};

pub(crate) static ENVIRONMENT_NAME: Text = Text {
    noun: "name of an environment",
    pattern: "^[a-z](-?[a-z0-9])*$",
    longest: 12,
    is_often_bare: false,
    mend: suggest::environment_name,
};

pub(crate) static REGION: Text = Text {
    noun: "region",
    pattern: "^([a-z]{2,12}-){2,3}[0-9]{1,2}$",
    longest: 64,
    is_often_bare: false,
    mend: suggest::region,
};

pub(crate) static ACCOUNT: Text = Text {
    noun: "account",
    pattern: "^[0-9]{12}$",
    longest: 12,
    is_often_bare: true,
    mend: suggest::account,
};

pub(crate) static DOMAIN: Text = Text {
    noun: "domain",
    pattern: "^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$",
    longest: 253,
    is_often_bare: false,
    mend: suggest::domain,
};

pub(crate) static PROJECT_PATH: Text = Text {
    noun: "path of the project",
    pattern: "^(?![/~]|[\\u0000-\\u007f]:)[^\\\\\\u0000-\\u001f\\u007f-\\u009f]+$",
    longest: 4096,
    is_often_bare: false,
    mend: suggest::project_path,
};

pub(crate) static COMMAND: Text = Text {
    noun: "command",
    pattern: "^[^\\u0000]*([^\\s\\u0000\\u0085]|\\ufeff)[^\\u0000]*$",
    longest: 65536,
    is_often_bare: false,
    mend: suggest::nothing,
};

pub(crate) static PUBLIC_PATH: Text = Text {
    noun: "public path",
    pattern: "^(?!.*/\\.{1,2}(/|$))/([A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*(/|/\\*)?|\\*)?$",
    longest: 1024,
    is_often_bare: false,
    mend: suggest::public_path,
};

pub(crate) static HEALTH_PATH: Text = Text {
    noun: "health path",
    pattern: "^/[!$-)+-;=?-\\[\\]-~]*$",
    longest: 1024,
    is_often_bare: false,
    mend: suggest::health_path,
};

pub(crate) static VERSION: Text = Text {
    noun: "version",
    pattern: "^(?!0+(\\.|$))[0-9]{1,4}(\\.[0-9]{1,4}){0,2}$",
    longest: 17,
    is_often_bare: true,
    mend: suggest::version,
};

pub(crate) static SETTING_NAME: Text = Text {
    noun: "name of a setting",
    pattern: "^[A-Za-z_][A-Za-z0-9_]*$",
    longest: 100,
    is_often_bare: false,
    mend: suggest::setting_name,
};

pub(crate) static VARIABLE: Text = Text {
    noun: "value of a setting",
    pattern: "^[^\\u0000]*$",
    longest: 4096,
    is_often_bare: true,
    mend: suggest::nothing,
};

pub(crate) static SECRET_NAME: Text = Text {
    noun: "name of a secret",
    pattern: "^[A-Za-z0-9/_+=.@-]+$",
    longest: 512,
    is_often_bare: false,
    mend: suggest::nothing,
};

pub(crate) static ZONE_LETTER: Text = Text {
    noun: "letter of a zone",
    pattern: "^[a-z]$",
    longest: 1,
    is_often_bare: false,
    mend: suggest::zone_letter,
};

pub(crate) static NETWORK_BLOCK: Text = Text {
    noun: "block of a network",
    pattern: "^((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\\.){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])/(1[6-9]|20)$",
    longest: 18,
    is_often_bare: false,
    mend: suggest::nothing,
};

pub(crate) static SUBNET_BLOCK: Text = Text {
    noun: "block of a subnet",
    pattern: "^((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\\.){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])/(1[6-9]|2[0-8])$",
    longest: 18,
    is_often_bare: false,
    mend: suggest::nothing,
};

pub(crate) static EMAIL: Text = Text {
    noun: "address for mail",
    pattern: "^(?=.{1,254}$)[A-Za-z0-9._%+-]{1,64}@(?=.{1,253}$)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$",
    longest: 254,
    is_often_bare: false,
    mend: suggest::email,
};

pub(crate) static MACHINE: Text = Text {
    noun: "kind of machine",
    pattern: "^[a-z][a-z0-9-]{0,19}\\.[a-z0-9-]{1,20}$",
    longest: 41,
    is_often_bare: false,
    mend: suggest::machine,
};

pub(crate) static DATABASE_CLASS: Text = Text {
    noun: "class of databases",
    pattern: "^db\\.[a-z][a-z0-9-]{0,19}\\.[a-z0-9-]{1,20}$",
    longest: 44,
    is_often_bare: false,
    mend: suggest::database_class,
};

pub(crate) static RUNTIME: Text = Text {
    noun: "runtime",
    pattern: "^(native|(python3\\.|nodejs|java)[1-9][0-9]?)$",
    longest: 12,
    is_often_bare: false,
    mend: suggest::runtime,
};
