create table items (
    id          bigint        not null auto_increment primary key,
    name        varchar(120)  not null,
    description varchar(2000) not null default '',
    price_cents integer       not null check (price_cents >= 0),
    quantity    integer       not null default 0 check (quantity >= 0),
    updated_at  timestamp(3)  not null default current_timestamp(3)
) default character set utf8mb4 collate utf8mb4_unicode_ci;
