create table items (
    id          bigint generated always as identity primary key,
    name        varchar(120)  not null,
    description varchar(2000) not null default '',
    price_cents integer       not null check (price_cents >= 0),
    quantity    integer       not null default 0 check (quantity >= 0),
    updated_at  timestamptz   not null default now()
);
