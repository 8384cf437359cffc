"""More words by which a title says that nobody sleeps here, or not yet: what people type and programs shorten.

They count in titles, categories and behind a label for the status, by the rules of `not_a_stay`; never as a
line of a description, for there "N/A" or "on request" speaks of parking.
"""

import re

NOT_CONFIRMED = {
    "en": "pre approval, proposal, proposed, estimate, estimated, tbd, tba, t b c, t b d, t b a, on request, "
    "upon request, opt, prel, prelim, prov, provis, pend, tent, optioned, first option, second option, 1st option, "
    "2nd option, holding, awaiting deposit, group hold, verbal hold, phone hold, agent hold, deposit hold, card hold, "
    "waiting for deposit, waiting on payment, waiting on deposit, prebooked, pre booked, prereserved, pre reserved, "
    "potential, potential booking, potential guest, possible booking, possible guest, possible, possibly, perhaps, "
    "under negotiation, negotiating, in discussion, under discussion, to confirm, needs confirmation, "
    "need confirmation, needs to be confirmed, not definite, not final, indefinite, undecided, unsure, standby, "
    "stand by, wait list, availability request, request quote, quote request, quote sent, proposal sent, offer sent, "
    "awaiting reply, awaiting response, no reply yet, interested, interest, lead only, penciled, pencilled, "
    "penciled in, pencilled in, pencil, soft booking, soft block, do not confirm, contract sent, awaiting contract, "
    "will cancel, wants to cancel, about to cancel, to be cancelled, to be canceled, will be cancelled, "
    "invitation to book, invited to book, wants to book, trip request, awaiting guest payment, "
    "awaiting guest verification, awaiting signature, unsigned, pending deposit, deposit pending, payment pending, "
    "pending signature",
    "de": "unbest, unverb, buchungsangebot, kostenvoranschlag, reservierungsanfrage, anfrage offen, mietanfrage, "
    "preisanfrage, eventuell, evtl, eventualbuchung, vielleicht, unsicher, fraglich, noch offen, unverbindlich, "
    "unverbindliche anfrage, noch unklar, unklar, interessent, interessentin, in verhandlung, in klärung, zu klären, "
    "angebot verschickt, angebot gesendet, optional gebucht, optionsreservierung, erste option, zweite option, "
    "1 option, 2 option, wartet auf anzahlung, anzahlung offen, auf anfrage, nachrücker, wird storniert, "
    "will stornieren, zu stornieren, wird abgesagt",
    "fr": "proposition, estimation, sur demande, demande de devis, demande en cours, demande de, peut être, éventuel, "
    "éventuelle, éventuellement, possible, incertain, incertaine, à définir, à déterminer, en discussion, "
    "en négociation, négociation, intéressé, intéressée, en attente d'acompte, en attente du paiement, "
    "acompte en attente, 1ère option, 2ème option, devis envoyé, va annuler, à annuler, sera annulé, sera annulée",
    "es": "propuesta, cotización, cotizado, bajo petición, bajo consulta, quizás, quizá, tal vez, posible, "
    "posible reserva, a definir, por definir, en negociación, interesado, interesada, "
    "pendiente de depósito, pendiente de señal, pendiente de respuesta, primera opción, segunda opción, "
    "petición, consulta de, solicitud de, va a cancelar, por cancelar, se cancelará",
    "it": "opz, proposta, offerta, stima, su richiesta, forse, possibile, eventuale, da definire, da stabilire, "
    "in trattativa, interessato, interessata, in attesa di caparra, in attesa di acconto, "
    "in attesa di risposta, prima opzione, seconda opzione, richiesta di, richiesta preventivo, "
    "preventivo inviato, da cancellare, da annullare, sarà cancellata, vuole cancellare",
    "pt": "proposta, cotação, sob consulta, sob pedido, talvez, possível, eventual, a definir, em negociação, "
    "interessado, interessada, aguardando sinal, aguardando depósito, aguardando resposta, aguarda confirmação, "
    "aguarda pagamento, pedido de, solicitação de, orçamento enviado, vai cancelar, a cancelar",
    "nl": "voorstel, prijsopgave, op aanvraag, misschien, mogelijk, eventueel, onder voorbehoud, onzeker, "
    "nog te bevestigen, in overleg, in onderhandeling, geïnteresseerd, wacht op betaling, "
    "wacht op aanbetaling, wacht op bevestiging, eerste optie, tweede optie, 1e optie, 2e optie, "
    "aanvraag van, offerte verstuurd, wordt geannuleerd, wil annuleren, gaat annuleren, te annuleren",
    "pl": "wst, propozycja, wycena, kosztorys, na zapytanie, na życzenie, może, możliwa, ewentualnie, do ustalenia, "
    "w negocjacjach, lista rezerwowa, zainteresowany, zainteresowana, oczekuje na zaliczkę, oczekuje na wpłatę, "
    "brak zaliczki, zapytanie od, opcja do, do anulowania, chce anulować, zostanie anulowane, zostanie anulowana",
    "cs": "návrh, kalkulace, na dotaz, dotaz, možná, případně, k potvrzení, v jednání, zájemce, čeká na zálohu, "
    "čeká na platbu, cenová nabídka",
    "hr": "prijedlog, na upit, možda, u pregovorima, čeka uplatu, predračun",
    "da": "forslag, på forespørgsel, måske, muligvis, under forhandling, afventer betaling, "
    "afventer bekræftelse, reserveret foreløbigt",
    "sv": "förslag, på förfrågan, kanske, eventuellt, möjligen, under förhandling, väntar på betalning, "
    "väntar på bekräftelse, obetald bokning, prisförslag",
    "no": "forslag, på forespørsel, kanskje, muligens, eventuelt, under forhandling, venter på betaling, "
    "venter på bekreftelse, pristilbud",
    "fi": "ehdotus, pyynnöstä, ehkä, mahdollisesti, odottaa maksua, odottaa vahvistusta, tarjouspyyntö",
    "hu": "várakozik, javaslat, árajánlat, talán, esetleg, fizetésre vár, előlegre vár, ajánlatkérés",
    "ro": "propunere, la cerere, poate, posibil, eventual, în negociere, în așteptarea plății, "
    "în așteptarea avansului, solicitare",
    "sk": "ponuka, návrh, možno, čaká na platbu, čaká na zálohu",
    "sl": "predlog, ponudba, mogoče, morda, čaka na plačilo",
    "tr": "teklif, öneri, belki, teyit bekliyor, ödeme bekliyor, kapora bekliyor, ön rezervasyon, taslak",
    "el": "προσφορά, πρόταση, ίσως, αναμονή πληρωμής, κατόπιν αιτήματος, ερώτημα",
    "ru": "заявка, предложение, обсуждается, возможно, может быть, под вопросом, на согласовании, ожидает оплаты, "
    "ждет оплаты, ждём оплаты, предварительная бронь, предбронь, неподтверждено, смета, лист ожидания",
    "ja": "承認待ち, 確認待ち, 返答待ち, 支払い待ち, 入金待ち, 見積, 見積もり, 見積り, お見積り, 提案, 問い合わせ, "
    "問合せ, お問い合わせ, リクエスト, キャンセル待ち, 仮押さえ, 仮, 未定, 検討中, 交渉中, 申込み",
    "zh": "报价, 報價, 询价, 詢價, 咨询, 諮詢, 询问, 候补, 候補, 预留, 預留, 待付款, 等待付款, 等待确认, 申请, "
    "提案, 估价",
    "ko": "승인 대기, 승인대기, "
    "대기, 견적, 문의, 제안, 예약대기, 예약 대기, 입금대기, 입금 대기, 확인중, 미정, 요청, 가예약",
    "uk": "заявка, запит, пропозиція, очікує, очікує підтвердження, непідтверджено, попереднє",
    "bg": "запитване, оферта, предложение, непотвърдена, изчаква, предварителна",
    "et": "pakkumine, hinnapakkumine, päring, ootel, kinnitamata, võib olla",
    "lv": "piedāvājums, pieprasījums, gaida, neapstiprināts, varbūt",
    "lt": "pasiūlymas, užklausa, laukia, nepatvirtinta, galbūt",
    "id": "penawaran, menunggu, menunggu konfirmasi, menunggu pembayaran, permintaan, belum dikonfirmasi",
    "vi": "báo giá, chờ xác nhận, đang chờ, yêu cầu, chưa xác nhận",
    "th": "รอการยืนยัน, ใบเสนอราคา, รอชำระเงิน",
    "ar": "عرض سعر, قيد الانتظار, غير مؤكد, طلب",
    "he": "הצעת מחיר, ממתין, ממתין לאישור, לא מאושר, בקשה",
}
BLOCKED = {
    "en": "sync block, min nights, min night, minimum nights, n a, n av, na, not avail, not avbl, not avl, unavail, "
    "unavailability, not free, blk, blkd, blckd, bloc, block out, blocked out, blocking, locked, lock, not for "
    "sale, not for booking, no sale, no sales, stop booking, stopsell, stopsale, temporarily closed, temp "
    "closed, closed temporarily, temporarily unavailable, currently unavailable, off, offline, inactive, "
    "deactivated, disabled, hidden, unlisted, self use, selfuse, own stay, own booking, own reservation, "
    "owners use, owner closed, owners here, owners in, for own use, mothballed, under construction, no guests, "
    "no guest, closing, shut, shut down, shutdown, lockout, locked out, out of inventory, ooi, dnb, not on "
    "market, off platform, day off, free day, off season, out of season, price not set, cut off, night shift "
    "room, trainee room, reserve room, host vacation, owners arrival, minimum stay not met, allotment "
    "returned, estate agent, lost property, lost and found, storm damage, video shoot, in laws, building "
    "works, building work, works in progress",
    "de": "nicht verf, n verf, nicht frei, nicht buchen, nicht belegen, kein verkauf, verkaufsstopp, buchungsstopp, "
    "zu vermieten nicht, eigene nutzung, eigenbuchung, eigene buchung, eigener aufenthalt, selbst genutzt, "
    "selbst belegt, selbst bewohnt, privat genutzt, privat belegt, privat benutzt, ersatzzimmer, vorbereitungszeit, "
    "freier tag, saison beendet, außerhalb der saison, wir selbst, inaktiv, deaktiviert, vorübergehend geschlossen, "
    "geschl, gesp, blockiert wegen, sperrung wegen, keine buchung, keine anreise, keine vermietung, außer dienst, a d, "
    "kein check in, kein checkin, kanal blockiert, kanal gesperrt",
    "fr": "grand ménage, non dispo, pas dispo, indispo, nd, n d, bloquée par, fermé temporairement, fermeture "
    "temporaire, "
    "ne pas louer, ne pas réserver, pas de location, stop vente, arrêt des ventes, hors ligne, désactivé, "
    "usage propre, occupation personnelle, séjour personnel, hors saison, fin de saison, femme de ménage",
    "es": "fuera de temporada, fin de temporada, señora de la limpieza, uso del dueño, uso dueño, estancia propia, "
    "estancia personal, no disp, no disponibilidad, sin disponibilidad, n d, cerrado temporalmente, cierre "
    "temporal, no reservar, no alquilar, no vender, stop ventas, parada de ventas, paro de ventas, "
    "desactivado, bloq, obras en curso, obra en curso, renovación, remodelación",
    "it": "fuori stagione, fine stagione, donna delle pulizie, soggiorno proprio, soggiorno personale, "
    "non disp, non dispo, n d, chiuso temporaneamente, chiusura temporanea, non affittare, non vendere, "
    "non prenotare, stop vendite, disattivato, bloc",
    "pt": "uso do dono, uso dono, estadia própria, indisp, não disp, n d, fechado temporariamente, encerramento "
    "temporário, não reservar, não alugar, não vender, stop vendas, parar vendas, desativado, bloq, renovação, "
    "remodelação, obras no prédio, obras em curso",
    "nl": "niet beschikb, nvt, n v t, niet verhuren, niet boeken, tijdelijk gesloten, verkoopstop, geblokt, eigen "
    "verblijf, eigen boeking, uitgeschakeld, werkzaamheden, bouwwerkzaamheden",
    "pl": "rezerwacja własna, zimowa przerwa, przerwa zimowa, własny pobyt, pobyt prywatny, niedost, nie dostępne, "
    "brak dostępności, nie rezerwować, nie wynajmować, czasowo zamknięte, stop sprzedaży, wstrzymana sprzedaż, "
    "blok, pobyt własny, na własny użytek, prace, prace remontowe, roboty budowlane, renowacja",
    "cs": "generální úklid, velký úklid, vlastní rezervace, zimní pauza, zimní přestávka, zablokováno majitelem, "
    "obsazeno majitelem, dočasně zavřeno, neprodávat, nerezervovat, stop prodej, pro vlastní potřebu, blok, "
    "vlastní použití, vlastní užití, čištění, stavební práce, stavební úpravy, renovace",
    "hr": "vlastita rezervacija, zimska pauza, nije za rezervaciju, nije za najam, privremeno zatvoreno, stop "
    "prodaja, ne rezervirati, vlastiti boravak, vlastita uporaba, radovi, građevinski radovi, adaptacija, "
    "obnova",
    "da": "hovedrengøring, slutrengøring, egen booking, vinterlukket, bruges ikke, kan ikke reserveres, ejers brug, "
    "ejer bruger, ikke ledig, ikke til udlejning, midlertidigt lukket, eget ophold, optaget af ejer, "
    "byggearbejde, byggearbejder",
    "sv": "egen bokning, vinterstängt, inte bokningsbar, ej bokningsbar, används ej, inte ledig, ej ledig, ej "
    "uthyrning, tillfälligt stängd, eget boende, egen användning, eget bruk, städ, byggarbeten",
    "no": "utvask, nedvask, hovedrengjøring, egen booking, vinterstengt, ikke bookbar, kan ikke bookes, brukes ikke, "
    "ikke ledig, ikke til utleie, midlertidig stengt, eget opphold, egen bruk, byggearbeid, vask og "
    "rengjøring",
    "fi": "loppusiivous, suursiivous, oma varaus, talvitauko, ei vuokrattavissa, ei käytössä, ei vapaa, ei vuokrata, "
    "väliaikaisesti suljettu, poissa käytöstä, rakennustyöt, saneeraus, varattu omaan käyttöön",
    "hu": "nagytakarítás, saját foglalás, téli szünet, lezárva, lezárt, zárolt, nem kiadó, ideiglenesen zárva, "
    "eladásstop, foglalás tiltva, munkálatok, építkezés, letiltva",
    "ro": "blocat de proprietar, nu e disponibil, nu este disponibil, temporar închis, închis temporar, stop "
    "vânzări, folosință proprie, uz propriu, lucrări, lucrări de renovare, renovări, mentenanță",
    "tr": "kendi kullanımımız, kendi kullanım, dolu değil, müsait olmayan, geçici olarak kapalı, satışa kapalı, "
    "satış durdur, kullanım dışı, kendi kullanımım, inşaat, yenileme, engellendi, bloklandı",
    "el": "προσωρινά κλειστό, εκτός λειτουργίας, καθαριότητα, επισκευή, επισκευές, εργασίες, έργα, ανακαίνιση, "
    "μπλοκαρισμένο, δεσμευμένο",
    "ru": "личное использование, собственное использование, не доступен, недоступен, недоступна, блок, закрыто на "
    "ремонт, временно закрыто, не сдается, не бронировать, стоп продажа, стоп продаж, выходной, санитарный "
    "день, для себя, для собственника, для своих, хозяин, хозяева, техобслуживание, строительные работы, "
    "ремонтные работы, работы, реновация, реконструкция",
    "ja": "空, 空室, 空き, 空き室, 定休日, 休館日, 休館, 休み, お休み, 売止, 売止め, 販売停止, "
    "手仕舞い, 不可, 害虫駆除, 駆除, 受付停止, 予約停止, 予約停止中, 工事, 修繕, 点検, 自己使用, "
    "自己利用, 使用不可, 満室, 掃除, 保守, 修理, 修理中, 改装, 改装中, リフォーム, リノベーション, "
    "閉館, クローズ",
    "zh": "业主, 打扫, 清扫, 保洁, 检查, 灭虫, 除虫, 不可租, 不出租, 停售, 关房, 關房, 封房, 维修, "
    "維修, 装修, 裝修, 自用, 自住, 房东使用, 暂停, 暫停, 关闭, 關閉, 清洁中, 不开放, 屋主, "
    "房東, 清潔, 保养, 保養, 施工, 施工中, 翻新, 停业, 停業, 休息, 无房, 無房, 已锁定, 封锁, "
    "封鎖",
    "ko": "휴무, 휴업, 판매중지, 판매 중지, 수리, 공사, 자가사용, 개인사용, 집주인, 집주인 사용, 휴관, "
    "마감, 자가 사용, 소유자, 호스트, 유지보수, 정비, 공사중, 리모델링",
    "uk": "заблоковано, зачинено, власник, прибирання, не здається, для себе, для власника, господар, "
    "обслуговування, ремонтні роботи, роботи, закрито",
    "bg": "блокирано, недостъпно, затворено, собственик, почистване, собствено ползване, за собственика, поддръжка, "
    "поправка, строителни работи, ремонтни работи, реновиране",
    "et": "suletud, blokeeritud, mitte saadaval, pole saadaval, omanik, koristus, oma kasutus, koristamine, hooldus, "
    "parandus, ehitustööd, renoveerimine, ei ole saadaval",
    "lv": "slēgts, bloķēts, nav pieejams, īpašnieks, remonts, uzkopšana, personīga lietošana, tīrīšana, apkope, "
    "būvdarbi, renovācija",
    "lt": "uždaryta, užblokuota, nepasiekiama, neprieinama, savininkas, remontas, valymas, asmeniniam naudojimui, "
    "priežiūra, statybos darbai, renovacija",
    "id": "tidak tersedia, diblokir, ditutup, pemilik, perbaikan, pemeliharaan, pemakaian pribadi, tuan rumah, "
    "pembersihan, pembersihan rumah, bersih bersih, perawatan, konstruksi, renovasi, tutup",
    "ms": "tidak ada, ditutup sementara, penyelenggaraan, kegunaan sendiri, pembaikan, kerja pembinaan, "
    "pengubahsuaian, tiada, disekat",
    "vi": "không có sẵn, không khả dụng, đã chặn, đóng cửa, chủ nhà, bảo trì, sử dụng cá nhân, chủ nhà sử dụng, dọn "
    "dẹp, dọn phòng, vệ sinh, bảo dưỡng, sửa chữa, thi công, xây dựng, cải tạo, bị chặn",
    "th": "ไม่ว่าง, ปิด, ปิดปรับปรุง, เจ้าของ, ซ่อมบำรุง, ใช้เอง, เจ้าของใช้เอง, ทำความสะอาด, แม่บ้าน, บำรุงรักษา, "
    "ซ่อม, ซ่อมแซม, ก่อสร้าง, ปรับปรุง, รีโนเวท, ปิดทำการ, ไม่พร้อมให้บริการ, บล็อก",
    "ar": "غير متاح, محظور, مغلق, المالك, صيانة, استخدام شخصي, استعمال شخصي, صاحب البيت, تنظيف, نظافة, تصليح, إصلاح, "
    "أعمال, أعمال بناء, ترميم, تجديد, غير متوفر, محجوب, مسدود",
    "he": "לא זמין, חסום, סגור, בעלים, תחזוקה, שיפוצים, שימוש עצמי, שימוש פרטי, בעל הבית, ניקיון, ניקוי, תיקון, "
    "תיקונים, עבודות, עבודות בנייה, שיפוץ, לא פנוי",
    "sk": "vlastné použitie, vlastné užívanie, čistenie, stavebné práce, renovácia",
    "sl": "lastna uporaba, gradbena dela",
    "sr": "сопствена употреба, чишћење, одржавање, радови, реновирање, није доступно, затворено, блокирано, власник",
    "fa": "استفاده شخصی, نظافت, تعمیر, تعمیرات, ساخت و ساز, بازسازی, بسته, تعطیل, در دسترس نیست",
    "hi": "निजी उपयोग, मालिक, सफाई, रखरखाव, मरम्मत, निर्माण कार्य, नवीनीकरण, बंद, उपलब्ध नहीं, ब्लॉक, अवरुद्ध",
    "is": "eigin notkun, eigandi, þrif, viðhald, viðgerð, framkvæmdir, endurbætur, lokað, lokað af eiganda, ekki "
    "laust, ekki í boði",
    "ca": "ús propi, propietari, neteja, manteniment, reparació, obres, renovació, tancat, bloquejat",
}
"""By language, for whoever looks after it; a word counts whatever the language of the feed."""

GUEST_IN_IT = re.compile(
    r"^[^\w\n]{0,10}(?:(?:lead |main )?guests?(?:'?s)?(?: name)?|customer(?: name)?|adults|pax|gast(?:name)?|gäste|"
    r"client|voyageurs?|hu[eé]sped(?:es)?|ospit[ei]|h[oó]spedes?|gasten|go[sś][cć](?:ie)?|travell?er|"
    r"phone(?: number)?|telefon|tel|mobile)\.?\s{0,5}[:=]\s{0,5}\S|"
    r"\b\d{1,2}\s(?:guests?|adults?|persons|people|pax|gäste|personen|voyageurs|personnes|huéspedes|personas|ospiti|persone|"
    r"hóspedes|pessoas|gasten|personen|gości|osoby|osób)\b",
    re.IGNORECASE | re.MULTILINE,
)
"""What speaks of a guest, by which days that are blocked may be a stay after all."""

RATES = frozenset(
    "insurance policy protection gratuite gratuita gratuito gratis assurance seguro assicurazione verzekering".split()
)
"""Beside one of `words_of_status.NOUNS`, behind a name, these speak of a rate as well: "Anna - annulation gratuite"."""

FEES = frozenset(
    "fee fees paid included incl inklusive bezahlt inclus incluse incluida incluido inclusa incluso inbegrepen betaald "
    "extra mid midstay weekly forfait pauschale".split()
)
"""Beside one of `words_of_status.WORK`, behind a whole name, these speak of what the guest pays for or gets."""

BLOCKS_AT_END = frozenset(
    "blocked unavailable closed blockiert geblockt gesperrt geschlossen indisponible bloqué bloquée fermé fermée "
    "bloqueado "
    "bloqueada cerrado bloccato bloccata chiuso indisponível fechado geblokkeerd gesloten zablokowane niedostępne "
    "zamknięte blokováno zablokováno zavřeno uzavřeno blokirano zatvoreno blokeret lukket blockerad stängd stengt "
    "suljettu".split()
)
"""With its accents, for people are called Ferme: behind one word or several that a platform is called by."""

NOT_POSSIBLE = re.compile(r"un[a-z]{4,12}able|un(?:ver)?[a-z]{3,12}bar|in[a-z]{3,12}(?:ible|ibile)")
"""What cannot be booked, sold, let or used, in one word."""

COUNT_OR_DAY = re.compile(
    r"\d{1,4}(?:st|nd|rd|th|er|h|x)?|pax|ppl|adults?|persons?|people|guests?|nights?|pers|personen|n[aä]chte|nuits?|personnes|noches?|"
    r"personas|notti|persone|noites|pessoas|nachten|noce|nocy|osoby|osob|yet|already|early|again|schon|bereits|wieder|"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|maer|mrz|mai|okt|dez|janv|fev|avr|juin|juil|aout|ene|abr|ago|"
    r"dic|gen|mag|giu|lug|set|ott|out)[a-z]{0,7}"
)
"""What stands behind a word for a status and takes nothing back."""

DOUBTS = re.compile(
    r"(?:\?{1,5}\W{0,3}$|^\W{0,3}\?{1,5}|\(\s?\?{1,5}\s?\)|"
    r"[\u274c\u274e\u26d4\u2716-\u2718\u2753\u2754\U0001f6ab\U0001f6d1])"
)
"""Signs by which people say that they are not sure, or that it is off: "Anna Novak ?", "❌ Anna". Where another
question mark stands within, it was a letter."""
_MARKS = re.compile(r"^\W*x{2,}\W+(?=\w{3})|(?<=\w{3})\W+x{2,}\W*$", re.IGNORECASE)


def without_marks(title: str) -> str:
    """A title without the crosses around it: "xx Anna cancelled xx"."""
    return _MARKS.sub("", title)


_HOURS = r"\d{1,3} ?(?:h|hrs?|hours?|std|stunden?|heures?|horas?|ore|uur|godz|godzin|timmar|timer|tuntia|hodin)"
_DAYS = r"\d{1,2} ?(?:d|days?|tage?|jours?|dias?|giorni|dagen|dni)"
_FOR_HOURS = re.compile(rf"(?:{_HOURS}|{_DAYS}) (\w+)\b|.*\b(\w+) {_HOURS}$")


def kept_for_hours(phrase: str) -> tuple[str, ...]:
    """The word in a title in folded letters that would say for what some hours stand there: "48h hold Novak", "2 day
    option Smith", "Novak hold 48h"; none where there are no hours."""
    found = _FOR_HOURS.match(phrase)
    return tuple(filter(None, found.groups())) if found else ()


def is_number(word: str) -> bool:
    """What numbers a quote, and no name: "Quote no. 55"."""
    return bool(re.fullmatch(r"\d+(?:h|hrs?|d|std)?", word)) or word in ("no", "nr", "nº", "num", "numero", "ref", "id")
