"""What columns are called in Polish, Czech, Russian, Turkish, Japanese and Chinese."""

WORDS = {
    "Polish": """
first_name: Imię
last_name: Nazwisko
full_name: Imię i nazwisko, Osoba kontaktowa, Kontakt
email: Adres e-mail, Poczta elektroniczna
phone: Telefon, Numer telefonu, Tel
phones[2:mobile]: Komórka, Telefon komórkowy, Numer komórkowy
street: Ulica, Adres
city: Miasto, Miejscowość
state: Województwo
postal_code: Kod pocztowy
country: Kraj, Państwo
company: Firma, Nazwa firmy, Nazwa, Przedsiębiorstwo, Organizacja
job_title: Stanowisko, Funkcja
department: Dział
website: Strona internetowa, Strona www, WWW
birthday: Data urodzenia, Urodziny
description: Opis, Notatki, Uwagi, Komentarz
tags: Etykiety, Tagi
source: Źródło
domain: Domena
industry: Branża
employees: Pracownicy, Liczba pracowników
annual_revenue: Przychód, Roczny przychód, Obrót
parent: Spółka matka, Firma nadrzędna
""",
    "Czech": """
first_name: Jméno, Křestní jméno
last_name: Příjmení
full_name: Celé jméno, Jméno a příjmení, Jméno, Kontaktní osoba, Kontakt
email: E-mailová adresa
phone: Telefon, Telefonní číslo, Tel
phones[2:mobile]: Mobil, Mobilní telefon
street: Ulice, Adresa
city: Město, Obec
state: Kraj
postal_code: PSČ
country: Země, Stát
company: Firma, Společnost, Název firmy, Název společnosti, Název, Organizace
job_title: Pozice, Funkce, Pracovní pozice
department: Oddělení
website: Webové stránky, Web
birthday: Datum narození, Narozeniny
description: Popis, Poznámka, Poznámky
tags: Štítky
source: Zdroj
domain: Doména
industry: Odvětví, Obor
employees: Zaměstnanci, Počet zaměstnanců
annual_revenue: Obrat, Roční obrat, Tržby
parent: Mateřská společnost
""",
    "Russian": """
first_name: Имя
last_name: Фамилия
full_name: ФИО, Полное имя, Имя, Контактное лицо, Контакт
email: Почта, Электронная почта, Адрес электронной почты, Эл. почта
phone: Телефон, Номер телефона, Тел, Рабочий телефон
phones[2:mobile]: Мобильный, Мобильный телефон, Сотовый
street: Улица, Адрес
city: Город
state: Область, Регион, Край
postal_code: Индекс, Почтовый индекс
country: Страна
company: Компания, Организация, Название компании, Фирма, Название, Наименование
job_title: Должность
department: Отдел, Подразделение
website: Сайт, Веб-сайт
birthday: Дата рождения, День рождения
description: Описание, Примечание, Примечания, Комментарий
tags: Теги, Метки
source: Источник
domain: Домен
industry: Отрасль
employees: Сотрудники, Количество сотрудников, Число сотрудников
annual_revenue: Выручка, Годовой оборот, Оборот
parent: Материнская компания, Головная компания
""",
    "Turkish": """
first_name: Ad, Adı, İsim
last_name: Soyad, Soyadı
full_name: Ad Soyad, Adı Soyadı, Tam ad, İlgili kişi, Yetkili
email: E-posta, E-posta adresi, Eposta
phone: Telefon, Telefon numarası, Tel
phones[2:mobile]: Cep telefonu, Cep, Mobil, GSM
street: Sokak, Cadde, Adres
city: Şehir, İl
state: İlçe, Bölge
postal_code: Posta kodu
country: Ülke
company: Şirket, Firma, Şirket adı, Firma adı, Kurum
job_title: Unvan, Ünvan, Görev, Pozisyon
department: Departman, Bölüm
website: Web sitesi, İnternet sitesi
birthday: Doğum tarihi, Doğum günü
description: Açıklama, Notlar, Not
tags: Etiketler
source: Kaynak
domain: Alan adı
industry: Sektör
employees: Çalışan sayısı, Çalışanlar, Personel sayısı
annual_revenue: Ciro, Yıllık ciro
parent: Ana şirket
""",
    "Japanese": """
first_name: 名, ファーストネーム
last_name: 姓, 苗字, 名字
full_name: 氏名, 名前, お名前, 担当者, 担当者名
email: メール, メールアドレス, Eメール, 電子メール
phone: 電話, 電話番号, TEL
phones[2:mobile]: 携帯, 携帯電話, 携帯番号, 携帯電話番号
street: 住所, 番地, 町名番地
city: 市区町村, 市町村, 市
state: 都道府県
postal_code: 郵便番号
country: 国, 国名
company: 会社, 会社名, 企業名, 法人名, 勤務先, 組織
job_title: 役職, 職位, 肩書
department: 部署, 部署名, 部門
website: ウェブサイト, ホームページ, サイト
birthday: 生年月日, 誕生日
description: 備考, メモ, 説明
tags: タグ
source: 流入元, 獲得元
domain: ドメイン
industry: 業種, 業界
employees: 従業員数, 社員数
annual_revenue: 売上, 売上高, 年商
parent: 親会社
""",
    "Chinese": """
first_name: 名, 名字
last_name: 姓, 姓氏
full_name: 姓名, 名称, 联系人, 聯絡人, 联系人姓名
email: 邮箱, 电子邮件, 电子邮箱, 電子郵件, 邮件, 邮箱地址
phone: 电话, 電話, 电话号码, 座机, 办公电话
phones[2:mobile]: 手机, 手機, 手机号, 手机号码, 移动电话
street: 地址, 街道, 详细地址
city: 城市, 市
state: 省, 省份, 州
postal_code: 邮编, 邮政编码, 郵遞區號
country: 国家, 國家
company: 公司, 公司名称, 公司名稱, 企业, 企业名称, 单位, 名称
job_title: 职位, 職位, 职务, 职称
department: 部门, 部門
website: 网站, 网址, 網站, 官网
birthday: 生日, 出生日期
description: 备注, 備註, 描述, 说明
tags: 标签, 標籤
source: 来源, 來源
domain: 域名
industry: 行业, 行業
employees: 员工人数, 员工数, 人数
annual_revenue: 年收入, 营业额, 年营业额
parent: 母公司, 总公司
""",
}
