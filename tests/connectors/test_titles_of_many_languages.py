"""What takes the days of a room, as calendars of forty languages say it: nobody gets access by any of these titles."""

import pytest

from connectors.words.not_a_stay import Standing, standing

TITLES = {
    "the owner's own use": (
        "Own use|Eigennutzung|Usage personnel|Uso propio|Uso proprio|Uso próprio|Eigen gebruik|Użytek własny|"
        "Vlastní použití|Vlastné použitie|Saját használat|Oma käyttö|Egen bruk|Eget bruk|Eget brug|"
        "Egen användning|Vlastita uporaba|Lastna uporaba|Folosință proprie|Kendi kullanımım|Для себя|"
        "Для собственника|Для власника|Собствено ползване|Ιδιόχρηση|שימוש עצמי|استخدام شخصي|استفاده شخصی|"
        "ใช้เอง|Sử dụng cá nhân|Pemakaian pribadi|Kegunaan sendiri|自己使用|自用|자가 사용|निजी उपयोग|"
        "Oma kasutus|Personīga lietošana|Asmeniniam naudojimui|Eigin notkun|Ús propi|Сопствена употреба"
    ),
    "the owner": (
        "Owner|Eigentümer|Propriétaire|Propietario|Proprietario|Proprietário|Eigenaar|Właściciel|Majitel|"
        "Vlastník|Tulajdonos|Omistaja|Eier|Ägare|Ejer|Vlasnik|Lastnik|Proprietar|Ev sahibi|Mal sahibi|"
        "Владелец|Собственник|Хозяин|Власник|Господар|Собственик|Ιδιοκτήτης|בעל הבית|בעלים|المالك|صاحب البيت|"
        "เจ้าของ|Chủ nhà|Pemilik|Tuan rumah|オーナー|房东|业主|屋主|房東|집주인|소유자|호스트|मालिक|Omanik|"
        "Īpašnieks|Savininkas|Eigandi|Propietari"
    ),
    "cleaning": (
        "Cleaning|Reinigung|Putzen|Ménage|Nettoyage|Limpieza|Pulizia|Pulizie|Limpeza|Schoonmaak|Sprzątanie|"
        "Czyszczenie|Úklid|Čištění|Upratovanie|Čistenie|Takarítás|Siivous|Rengjøring|Vask og rengjøring|"
        "Städning|Städ|Rengøring|Čišćenje|Čiščenje|Curățenie|Temizlik|Уборка|Прибирання|Почистване|"
        "Καθαρισμός|Καθαριότητα|ניקיון|ניקוי|تنظيف|نظافة|نظافت|ทำความสะอาด|แม่บ้าน|Dọn dẹp|Vệ sinh|"
        "Pembersihan|Pembersihan rumah|Bersih-bersih|清掃|掃除|清洁|打扫|清潔|청소|सफाई|Koristamine|"
        "Uzkopšana|Tīrīšana|Valymas|Þrif|Neteja|Чишћење"
    ),
    "maintenance": (
        "Maintenance|Wartung|Instandhaltung|Entretien|Mantenimiento|Manutenzione|Manutenção|Onderhoud|"
        "Konserwacja|Serwis techniczny|Údržba|Karbantartás|Huolto|Kunnossapito|Vedlikehold|Underhåll|"
        "Vedligeholdelse|Održavanje|Vzdrževanje|Întreținere|Mentenanță|Bakım|Обслуживание|Техобслуживание|"
        "Обслуговування|Поддръжка|Συντήρηση|תחזוקה|صيانة|تعمیرات|ซ่อมบำรุง|บำรุงรักษา|Bảo trì|Bảo dưỡng|"
        "Pemeliharaan|Perawatan|Penyelenggaraan|メンテナンス|保守|点検|维护|维修|保养|維護|유지보수|정비|"
        "점검|रखरखाव|Hooldus|Apkope|Priežiūra|Viðhald|Manteniment|Одржавање"
    ),
    "repairs": (
        "Repair|Repairs|Reparatur|Réparation|Reparación|Riparazione|Reparação|Conserto|Reparatie|Naprawa|"
        "Oprava|Javítás|Korjaus|Reparasjon|Reparation|Popravak|Popravilo|Reparație|Tamir|Tamirat|Ремонт|"
        "Поправка|Επισκευή|תיקון|تصليح|إصلاح|تعمیر|ซ่อม|ซ่อมแซม|Sửa chữa|Perbaikan|Pembaikan|修理|修繕|"
        "修理中|수리|मरम्मत|Parandus|Remonts|Remontas|Viðgerð|Reparació"
    ),
    "building works": (
        "Works|Building works|Bauarbeiten|Travaux|Obras|Obras en curso|Lavori|Lavori in corso|Werkzaamheden|"
        "Verbouwing|Prace|Prace remontowe|Stavební práce|Práce|Stavebné práce|Munkálatok|Építkezés|"
        "Rakennustyöt|Byggearbeid|Byggarbeten|Byggearbejde|Radovi|Građevinski radovi|Gradbena dela|Lucrări|"
        "Lucrari|İnşaat|Tadilat|Строительные работы|Работы|Роботи|Строителни работи|Εργασίες|Έργα|עבודות|"
        "עבודות בנייה|أعمال|أعمال بناء|ساخت و ساز|ก่อสร้าง|Thi công|Xây dựng|Konstruksi|Kerja pembinaan|工事|"
        "工事中|施工|施工中|공사|공사중|निर्माण कार्य|Ehitustööd|Būvdarbi|Statybos darbai|Framkvæmdir|Obres|"
        "Радови"
    ),
    "a renovation": (
        "Renovation|Renovierung|Sanierung|Rénovation|Renovación|Reforma|Reformas|Ristrutturazione|Renovação|"
        "Remodelação|Renovatie|Remont|Renowacja|Rekonstrukce|Renovace|Rekonštrukcia|Renovácia|Felújítás|"
        "Remontti|Saneeraus|Oppussing|Renovering|Renoviranje|Adaptacija|Obnova|Renovare|Renovări|Tadilat|"
        "Yenileme|Ремонт|Реновация|Реконструкция|Ремонтні роботи|Ανακαίνιση|שיפוץ|שיפוצים|ترميم|تجديد|"
        "بازسازی|ปรับปรุง|รีโนเวท|Cải tạo|Renovasi|Pengubahsuaian|改装|改装中|リフォーム|リノベーション|装修|"
        "裝修|翻新|리모델링|नवीनीकरण|Renoveerimine|Renovācija|Renovacija|Endurbætur|Renovació|Реновирање"
    ),
    "closed": (
        "Closed|Geschlossen|Fermé|Cerrado|Chiuso|Fechado|Encerrado|Gesloten|Zamknięte|Zavřeno|Zatvorené|"
        "Zárva|Suljettu|Stengt|Stängt|Lukket|Zatvoreno|Zaprto|Închis|Kapalı|Закрыто|Зачинено|Закрито|"
        "Затворено|Κλειστό|סגור|مغلق|بسته|تعطیل|ปิด|ปิดทำการ|Đóng cửa|Tutup|Ditutup|休業|休館|閉館|クローズ|"
        "关闭|已关闭|停业|關閉|休息|휴무|휴업|마감|बंद|Suletud|Slēgts|Uždaryta|Lokað|Tancat"
    ),
    "not available": (
        "Not available|Nicht verfügbar|Indisponible|Non disponible|No disponible|Non disponibile|"
        "Indisponível|Não disponível|Niet beschikbaar|Niedostępne|Niedostępny|Nedostupné|Není k dispozici|"
        "Nem elérhető|Nem foglalható|Ei saatavilla|Ei vapaa|Ikke tilgjengelig|Ej tillgänglig|"
        "Ikke tilgængelig|Nedostupno|Ni na voljo|Indisponibil|Nu este disponibil|Müsait değil|Uygun değil|"
        "Недоступно|Недоступен|Не доступно|Недостъпно|Μη διαθέσιμο|לא זמין|לא פנוי|غير متاح|غير متوفر|"
        "در دسترس نیست|ไม่ว่าง|ไม่พร้อมให้บริการ|Không có sẵn|Không khả dụng|Tidak tersedia|Tiada|利用不可|"
        "予約不可|空きなし|不可用|不可订|无房|不可預訂|예약 불가|이용 불가|उपलब्ध नहीं|Pole saadaval|"
        "Ei ole saadaval|Nav pieejams|Neprieinama|Ekki laust|Ekki í boði|Није доступно"
    ),
    "blocked": (
        "Blocked|Blockiert|Gesperrt|Bloqué|Bloqueado|Bloccato|Geblokkeerd|Zablokowane|Zablokowany|Blokováno|"
        "Zablokováno|Blokované|Zablokované|Blokkolva|Letiltva|Estetty|Varattu omaan käyttöön|Blokkert|"
        "Sperret|Blockerad|Spärrad|Blokeret|Spærret|Blokirano|Blocat|Bloke|Engellendi|Bloklandı|"
        "Заблокировано|Заблоковано|Блокирано|Μπλοκαρισμένο|Δεσμευμένο|חסום|محجوب|مسدود|محظور|บล็อก|Bị chặn|"
        "Đã chặn|Diblokir|Disekat|ブロック|ブロック済み|已锁定|封锁|封鎖|已封锁|차단|차단됨|ब्लॉक|अवरुद्ध|"
        "Blokeeritud|Bloķēts|Užblokuota|Lokað af eiganda|Bloquejat"
    ),
    "a visit of the family": (
        "Family visit|Familienbesuch|Visite de famille|Visita familiar|Familiebezoek|Rodzina|Wizyta rodziny|"
        "Család|Perhe|Familiebesøk|Familjebesök|Obitelj|Družina|Vizită de familie|Aile ziyareti|Семья|"
        "Родственники|Друзья|Οικογένεια|משפחה|خانواده|Keluarga|家族|家人|亲戚"
    ),
}


@pytest.mark.parametrize("what", TITLES)
def test_a_title_that_takes_the_days_is_no_stay_in_any_language(what: str) -> None:
    titles = {form for title in TITLES[what].split("|") for form in (title, title.upper(), title.lower())}
    assert [title for title in titles if standing(title).standing is Standing.STAY] == []


NOT_A_STAY_YET_OR_ANY_MORE = {
    "pending": (
        "Pending|Ausstehend|En attente|Pendiente|In attesa|Pendente|In afwachting|Oczekująca|Čekající|"
        "Čeká na potvrzení|Čakajúca|Függőben|Odottaa vahvistusta|Venter på bekreftelse|Väntar på bekräftelse|"
        "Afventer bekræftelse|Na čekanju|Čeka na potrditev|În așteptare|Onay bekliyor|Beklemede|"
        "Ожидает подтверждения|В ожидании|Очікує підтвердження|Изчаква|Чака потвърждение|Σε εκκρεμότητα|"
        "ממתין|ממתין לאישור|قيد الانتظار|بانتظار التأكيد|در انتظار|در انتظار تایید|รอดำเนินการ|รอยืนยัน|"
        "Đang chờ|Chờ xác nhận|Menunggu konfirmasi|Menunggu pengesahan|保留中|確認待ち|承認待ち|待处理|"
        "待确认|等待确认|대기 중|승인 대기|लंबित|Ootel|Gaida apstiprinājumu|Laukiama|Laukia patvirtinimo|"
        "Í bið|Pendent|На чекању"
    ),
    "not confirmed": (
        "Not confirmed|Unbestätigt|Nicht bestätigt|Non confirmé|Sin confirmar|No confirmado|Non confermato|"
        "Não confirmado|Niet bevestigd|Niepotwierdzona|Nepotvrzeno|Nepotvrdené|Nincs megerősítve|"
        "Nem megerősített|Vahvistamaton|Ikke bekreftet|Ubekreftet|Ej bekräftad|Obekräftad|Ikke bekræftet|"
        "Nepotvrđeno|Nepotrjeno|Neconfirmat|Onaylanmadı|Не подтверждено|Не підтверджено|Непотвърдена|"
        "Μη επιβεβαιωμένη|לא מאושר|لم يتم التأكيد|غير مؤكد|تایید نشده|ยังไม่ยืนยัน|Chưa xác nhận|"
        "Belum dikonfirmasi|Belum disahkan|未確認|未確定|未确认|미확정|미확인|अपुष्ट|Kinnitamata|"
        "Neapstiprināts|Nepatvirtinta|Óstaðfest|No confirmada|Непотврђено"
    ),
    "request": (
        "Request|Booking request|Anfrage|Buchungsanfrage|Demande|Demande de réservation|Solicitud|"
        "Solicitud de reserva|Richiesta|Richiesta di prenotazione|Pedido de reserva|Aanvraag|Zapytanie|"
        "Prośba o rezerwację|Poptávka|Žádost o rezervaci|Žiadosť|Dopyt|Foglalási kérelem|Varauspyyntö|"
        "Forespørsel|Bookingforespørsel|Förfrågan|Bokningsförfrågan|Forespørgsel|Upit|Zahtjev za rezervaciju|"
        "Povpraševanje|Cerere de rezervare|Rezervasyon talebi|Talep|Запрос|Запрос на бронирование|Запит|"
        "Запитване|Αίτημα|Αίτημα κράτησης|בקשה|בקשת הזמנה|طلب|طلب حجز|درخواست|درخواست رزرو|คำขอ|คำขอจอง|"
        "Yêu cầu đặt phòng|Yêu cầu|Permintaan|Permintaan pemesanan|Permohonan|リクエスト|予約リクエスト|请求|"
        "预订请求|預訂請求|요청|예약 요청|अनुरोध|Päring|Pieprasījums|Užklausa|Beiðni|Захтев"
    ),
    "inquiry": (
        "Inquiry|Enquiry|Kundenanfrage|Demande d'information|Consulta|Richiesta informazioni|"
        "Informatieaanvraag|Zapytanie ofertowe|Dotaz|Érdeklődés|Tiedustelu|פנייה|استفسار|สอบถาม|Hỏi phòng|"
        "Pertanyaan|問い合わせ|お問い合わせ|咨询|諮詢|询问|문의|पूछताछ|Päring hinna kohta|Paklausimas|"
        "Fyrirspurn"
    ),
    "option": (
        "Option|Option bis Freitag|Opción|Opzione|Opção|Optie|Opcja|Opce|Opcia|Opció|Optio|Opsjon|"
        "Optionsbokning|Opcija|Opțiune|Opsiyon|Опция|Опция до пятницы|Опція|Προαιρετική|אופציה|خيار|ตัวเลือก|"
        "Opsi|オプション|仮押さえ|仮予約|选项|暂定|暫定|옵션|가예약|Võimalus|Opcija līdz piektdienai|"
        "Opcionas"
    ),
    "hold": (
        "Hold|On hold|Reserviert auf Abruf|Mise en attente|En espera|In sospeso|Em espera|Wstrzymane|"
        "Blokace do potvrzení|Pozastaveno|Felfüggesztve|Odotuksessa|På vent|Pausad|Pe hold|Askıda|Удержание|"
        "Отложено|Утримано|Задържана|Σε αναμονή|בהמתנה|معلق|معلقة|معلّق|พักไว้|Tạm giữ|Giữ chỗ|Ditahan|"
        "Ditangguhkan|取り置き|キープ|预留|保留|예약 보류|होल्ड"
    ),
    "tentative": (
        "Tentative|Vorläufig|Provisoire|Provisional|Provvisorio|Provisório|Voorlopig|Wstępna|Předběžná|"
        "Předběžná rezervace|Predbežná|Előzetes|Előfoglalás|Alustava|Foreløpig|Preliminär|Foreløbig|"
        "Privremena rezervacija|Okvirno|Predhodna|Provizoriu|Geçici|Ön rezervasyon|Предварительно|"
        "Предварительная бронь|Попередньо|Предварителна|Προσωρινή|זמני|مبدئي|مؤقت|موقت|ชั่วคราว|Tạm thời|"
        "Dự kiến|Sementara|Tentatif|仮|暫定|暂定|임시|अस्थायी|Esialgne|Provizoriska|Preliminari|Bráðabirgða"
    ),
    "unpaid": (
        "Awaiting payment|Payment pending|Zahlung ausstehend|En attente de paiement|Pendiente de pago|"
        "In attesa di pagamento|Aguardando pagamento|Wacht op betaling|Oczekuje na płatność|Čeká na platbu|"
        "Čaká na platbu|Fizetésre vár|Odottaa maksua|Venter på betaling|Väntar på betalning|"
        "Afventer betaling|Čeka uplatu|Čaka na plačilo|În așteptarea plății|Ödeme bekleniyor|Ожидает оплаты|"
        "Очікує оплати|Чака плащане|Αναμονή πληρωμής|ממתין לתשלום|بانتظار الدفع|در انتظار پرداخت|รอชำระเงิน|"
        "Chờ thanh toán|Menunggu pembayaran|支払い待ち|入金待ち|待付款|等待付款|결제 대기|भुगतान लंबित|"
        "Ootab makset|Gaida samaksu|Laukia apmokėjimo"
    ),
    "declined": (
        "Declined|Abgelehnt|Refusé|Rechazada|Rifiutata|Recusada|Afgewezen|Odrzucona|Odmítnuto|Zamietnuté|"
        "Elutasítva|Hylätty|Avslått|Avböjd|Afvist|Odbijeno|Zavrnjeno|Refuzată|Reddedildi|Отклонено|Відхилено|"
        "Отхвърлена|Απορρίφθηκε|נדחה|סורב|مرفوض|مرفوضة|رد شده|ปฏิเสธ|Bị từ chối|Ditolak|拒否|お断り|已拒绝|"
        "被拒绝|거절|अस्वीकृत|Tagasi lükatud|Noraidīts|Atmesta|Hafnað|Rebutjada|Одбијено"
    ),
    "expired": (
        "Expired|Abgelaufen|Expirée|Caducada|Scaduta|Expirada|Verlopen|Wygasła|Vypršelo|Lejárt|Vanhentunut|"
        "Utløpt|Utgången|Udløbet|Isteklo|Poteklo|Expirată|Süresi doldu|Истекло|Просрочено|Термін минув|"
        "Изтекла|Έληξε|פג תוקף|منتهية|منتهي الصلاحية|منقضی|หมดอายุ|Hết hạn|Kedaluwarsa|Tamat tempoh|期限切れ|"
        "失効|已过期|過期|만료|समाप्त|Aegunud|Beidzies|Pasibaigė|Útrunnið"
    ),
    "no show": (
        "No show|No-show|Nicht erschienen|Non présenté|No presentado|Mancato arrivo|Não compareceu|"
        "Niet verschenen|Niedojazd|Nepřijel|Neprišiel|Nem jelent meg|Ei saapunut|Møtte ikke|Kom inte|Udeblev|"
        "Nije došao|Ni prišel|Neprezentare|Gelmedi|Не заехал|Неявка|Не приїхав|Не се яви|Δεν εμφανίστηκε|"
        "לא הגיע|לא הופיע|لم يحضر|عدم الحضور|نیامد|ไม่มา|ไม่มาเข้าพัก|Không đến|Tidak datang|Tidak hadir|"
        "ノーショー|不泊|未到|未入住|노쇼|नहीं आया|Ei ilmunud|Neieradās|Neatvyko|Mætti ekki"
    ),
}


@pytest.mark.parametrize("what", NOT_A_STAY_YET_OR_ANY_MORE)
def test_what_is_not_confirmed_or_over_beside_a_name_is_no_stay_in_any_language(what: str) -> None:
    words = NOT_A_STAY_YET_OR_ANY_MORE[what].split("|")
    titles = [form for word in words for form in (word, f"{word}: Anna Novak", f"Anna Novak - {word}")]
    assert [title for title in titles if standing(title).standing is Standing.STAY] == []


@pytest.mark.parametrize(
    "title",
    [
        "Бронь Петров",
        "Haus am See GmbH - Weber",
        "Familia García",
        "Radovan Radović",
        "Obrecht",
        "Repa",
        "Malik Khan",
        "Khoa Nguyễn",
        "سعيد أحمد",
        "田中 修",
    ],
)
def test_guests_whose_names_are_like_such_words_keep_their_stay(title: str) -> None:
    assert standing(title).standing is Standing.STAY
