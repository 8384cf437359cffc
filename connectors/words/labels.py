"""The labels that stand before names, contacts, codes and counts in the texts of feeds, in many languages: data."""

LABELS: dict[str, str] = {
    "name": "guest, guest name, guestname, guests name, lead guest, main guest, primary guest, customer, customer "
    "name, booked by, booker, traveler, traveller, renter, tenant, gast, gastname, name des gastes, gäste name, "
    "kunde, reisender, mieter, nom du client, client, voyageur, locataire, huésped, nombre del huésped, viajero, "
    "ospite, nome ospite, nome dell'ospite, cliente, viaggiatore, hóspede, nome do hóspede, nome do cliente, naam "
    "gast, gastnaam, gość, nazwisko gościa, klient, host jméno, jméno hosta, gost, ime gosta, gæst, gästens namn, "
    "gjest, vieras, vendég, vendég neve, oaspete, гость, имя гостя, ゲスト, ゲスト名, ゲスト氏名, "
    "宿泊者, 宿泊者名, お客様, お客様名, 予約者, 予約者名, 代表者名, 客人, "
    "客人姓名, 住客, 住客姓名, 게스트, 투숙객, 예약자, 예약자명, 고객명",
    "any_name": "name, full name, nom, nom complet, nombre, nombre completo, nome, nome completo, naam, volledige "
    "naam, imię i nazwisko, jméno, ime, navn, namn, nimi, név, nume, имя, 姓名, 氏名, 名前, お名前, 성함, 이름",
    "first_name": "first name, firstname, given name, vorname, prénom, nombre de pila, nome proprio, primeiro nome, "
    "voornaam, imię, křestní jméno, fornavn, förnamn, etunimi, keresztnév, prenume",
    "last_name": "last name, lastname, surname, family name, nachname, familienname, nom de famille, apellido, "
    "apellidos, cognome, sobrenome, apelido, achternaam, nazwisko, příjmení, prezime, efternavn, efternamn, "
    "etternavn, sukunimi, vezetéknév",
    "email": "email, e mail, mail, email address, e mail address, mail address, guest email, guest e mail, customer "
    "email, email guest, e mail adresse, mailadresse, gast email, courriel, adresse e mail, adresse email, adresse "
    "mail, mél, correo, correo electrónico, email del huésped, posta elettronica, indirizzo email, indirizzo e mail, "
    "endereço de email, e mailadres, mailadres, adres e mail, adres email, email hosta, e mailová adresa, mejl, "
    "sähköposti, почта, メール, メールアドレス, 邮箱, 电子邮件, 電子郵件, 이메일",
    "phone": "phone, phone number, phone no, phone nr, ph, phones, telephone, telephone number, tel, tel no, tel nr, "
    "mobile, mobile phone, mobile number, mobile no, mob, cell, cell phone, cellphone, cell number, cellular, guest "
    "phone, guest phone number, guest mobile, guest tel, guests phone, customer phone, contact number, contact phone, "
    "contact no, guest contact, contact guest, tlf, tlf nr, tfno, tfn, puh, puh nro, whatsapp, whats app, "
    "whatsapp number, handy, handynummer, telefon, telefonnummer, mobil, "
    "mobiltelefon, mobilnummer, rufnummer, telefon gast, fon, téléphone, téléphone portable, téléphone mobile, "
    "portable, numéro de téléphone, numéro de portable, n de téléphone, teléfono, teléfono móvil, teléfono del "
    "huésped, móvil, celular, número de teléfono, telefono, telefono cellulare, cellulare, numero di telefono, "
    "telefono ospite, telefone, telemóvel, número de telefone, número de telemóvel, telefoon, telefoonnummer, mobiel, "
    "mobiele telefoon, gsm, telefon gościa, numer telefonu, nr telefonu, telefon komórkowy, komórka, telefonní číslo, "
    "mobilní telefon, broj telefona, mobitel, mobiltelefon, mobiltelefonnummer, telefonszám, puhelin, puhelinnumero, "
    "număr de telefon, телефон, мобильный, номер телефона, mobiel nummer, mobiele nummer, gsm nummer, telefoonnr, "
    "tel kom, telefon kom, numer tel, nr tel, nr komórki, mobilfunk, mobilfunknummer, handynr, telefonnr, mobilnr, "
    "matkapuhelin, 電話番号, 電話, 携帯, 携帯電話, 携帯番号, 連絡先, 电话, 电话号码, 手机, 手机号, 手机号码, "
    "联系电话, 전화, 전화번호, 휴대폰, 휴대폰번호, 연락처",
    "code": "booking, booking id, booking code, booking number, booking no, booking nr, booking ref, booking "
    "reference, bookingid, reservation, reservation id, reservation code, reservation number, reservation no, "
    "reservation ref, reservation reference, confirmation, confirmation code, confirmation number, confirmation id, "
    "confirmation no, reference, reference number, reference no, reference code, ref, ref no, order id, order number, "
    "voucher, code, airbnb code, buchung, buchungsnummer, buchungsnr, buchungs nr, buchungscode, buchungs id, "
    "buchungsreferenz, reservierung, reservierungsnummer, reservierungscode, reservierungsnr, bestätigungscode, "
    "bestätigungsnummer, referenz, réservation, numéro de réservation, n de réservation, code de réservation, "
    "référence, référence de réservation, code de confirmation, numéro de confirmation, reserva, número de reserva, n "
    "de reserva, código de reserva, código de confirmación, id de reserva, localizador, referencia, prenotazione, "
    "numero prenotazione, numero di prenotazione, codice prenotazione, codice di prenotazione, codice di conferma, id "
    "prenotazione, riferimento, código de confirmação, código da reserva, número da reserva, referência, reservering, "
    "reserveringsnummer, boeking, boekingsnummer, boekingscode, bevestigingscode, rezerwacja, numer rezerwacji, nr "
    "rezerwacji, kod rezerwacji, kod potwierdzenia, rezervace, číslo rezervace, kód rezervace, broj rezervacije, "
    "bookingnummer, bokningsnummer, bokningskod, reservationsnummer, varausnumero, foglalási szám, "
    "予約番号, 予約コード, 確認番号, 预订号, 订单号, 确认号, 訂單號, 예약번호",
    "count": "guests, number of guests, nights, adults, children, infants, kids, pax, persons, people, pets, check "
    "in, check out, checkin, checkout, arrival, departure, dates, total, total price, price, channel, source, "
    "language, country, gäste, personen, erwachsene, kinder, nächte, anreise, abreise, preis, kanal, sprache, land, "
    "voyageurs, adultes, enfants, nuits, arrivée, départ, prix, huéspedes, adultos, niños, noches, llegada, salida, "
    "precio, ospiti, adulti, bambini, notti, arrivo, partenza, prezzo, hóspedes, crianças, noites, chegada, saída, "
    "preço, gasten, volwassenen, kinderen, nachten, aankomst, vertrek, prijs, goście, dorośli, dzieci, noce, "
    "przyjazd, wyjazd, cena",
    "status": "status, booking status, reservation status, buchungsstatus, statut, estado, stato, boekingsstatus, stav",
}
"""By what they label; in any letter case, with or without signs."""
