"""What columns are called in French, Spanish, Portuguese and Italian."""

WORDS = {
    "French": """
first_name: Prénom
last_name: Nom de famille, Nom
full_name: Nom complet, Nom, Nom et prénom, Contact
email: E-mail, Courriel, Adresse e-mail, Adresse mail, Adresse électronique, Mél
emails[2:home]: E-mail personnel, Courriel personnel
phone: Téléphone, Numéro de téléphone, Tél, Téléphone fixe, Téléphone professionnel
phones[2:mobile]: Portable, Téléphone portable, Mobile, Téléphone mobile
street: Rue, Adresse, Adresse postale
city: Ville, Commune, Localité
state: Région, Département, Province
postal_code: Code postal, CP
country: Pays
company: Société, Entreprise, Nom de la société, Nom de l'entreprise, Raison sociale, Employeur
job_title: Fonction, Poste, Titre, Intitulé du poste
department: Service
website: Site web, Site internet, Site
birthday: Date de naissance, Anniversaire
description: Remarques, Notes, Commentaire, Commentaires
tags: Étiquettes, Mots-clés, Catégories
source: Origine
domain: Domaine, Nom de domaine
industry: Secteur, Secteur d'activité
employees: Effectif, Nombre d'employés, Salariés, Nombre de salariés
annual_revenue: Chiffre d'affaires, Chiffre d'affaires annuel
parent: Société mère, Maison mère
""",
    "Spanish": """
first_name: Nombre, Nombre de pila
last_name: Apellido, Apellidos
full_name: Nombre completo, Nombre y apellidos, Nombre, Contacto, Persona de contacto
email: Correo, Correo electrónico, Dirección de correo, Dirección de correo electrónico
phone: Teléfono, Número de teléfono, Tel, Teléfono fijo
phones[2:mobile]: Móvil, Teléfono móvil, Celular, Teléfono celular
street: Calle, Dirección, Domicilio
city: Ciudad, Localidad, Población
state: Provincia, Estado, Comunidad autónoma
postal_code: Código postal, CP
country: País
company: Empresa, Compañía, Nombre de la empresa, Razón social, Organización
job_title: Cargo, Puesto, Título
department: Departamento
website: Sitio web, Página web, Web
birthday: Fecha de nacimiento, Cumpleaños
description: Descripción, Notas, Observaciones, Comentarios
tags: Etiquetas, Categorías
source: Origen, Fuente
domain: Dominio
industry: Sector, Industria
employees: Empleados, Número de empleados
annual_revenue: Facturación, Ingresos anuales, Facturación anual
parent: Empresa matriz, Matriz
""",
    "Portuguese": """
first_name: Primeiro nome, Nome próprio, Nome
last_name: Sobrenome, Apelido, Último nome
full_name: Nome completo, Nome, Contato, Contacto, Pessoa de contato
email: Endereço de e-mail, Correio eletrónico, Correio eletrônico
phone: Telefone, Número de telefone, Tel, Telefone fixo
phones[2:mobile]: Celular, Telemóvel, Telefone celular
street: Rua, Endereço, Morada, Logradouro
city: Cidade, Localidade, Município
state: Estado, Distrito, UF
postal_code: CEP, Código postal
country: País
company: Empresa, Companhia, Nome da empresa, Razão social, Organização
job_title: Cargo, Função, Título
department: Departamento, Setor
website: Site, Página web, Sítio web
birthday: Data de nascimento, Aniversário
description: Descrição, Notas, Observações, Comentários
tags: Etiquetas, Marcadores
source: Origem, Fonte
domain: Domínio
industry: Indústria, Ramo, Ramo de atividade
employees: Funcionários, Número de funcionários, Empregados, Colaboradores
annual_revenue: Faturamento, Faturação, Receita anual, Faturamento anual
parent: Empresa mãe, Matriz
""",
    "Italian": """
first_name: Nome, Nome di battesimo
last_name: Cognome
full_name: Nome completo, Nome e cognome, Nominativo, Contatto, Referente
email: Posta elettronica, Indirizzo e-mail, Indirizzo mail
phone: Telefono, Numero di telefono, Tel, Telefono fisso
phones[2:mobile]: Cellulare, Telefono cellulare, Numero di cellulare
street: Via, Indirizzo
city: Città, Comune, Località
state: Provincia, Regione
postal_code: CAP, Codice postale
country: Paese, Nazione, Stato
company: Azienda, Società, Ditta, Ragione sociale, Nome azienda, Impresa
job_title: Ruolo, Qualifica, Posizione, Titolo
department: Reparto, Dipartimento
website: Sito web, Sito, Sito internet
birthday: Data di nascita, Compleanno
description: Descrizione, Note, Osservazioni, Commenti
tags: Etichette, Categorie
source: Origine, Fonte
domain: Dominio
industry: Settore, Settore di attività
employees: Dipendenti, Numero di dipendenti, Numero dipendenti
annual_revenue: Fatturato, Fatturato annuo
parent: Società madre, Capogruppo
""",
}
