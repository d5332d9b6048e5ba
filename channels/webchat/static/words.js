/** What the chat itself says, by language. A channel's `locale` picks; English is the fallback. */

const ENGLISH = {
  conversation: "Conversation",
  placeholder: "Write a message…",
  message: "Message",
  send: "Send message",
  attach: "Attach a photo or file",
  location: "Share your location",
  more: "Add to message",
  remove: "Remove",
  close: "Close chat",
  closeDialog: "Close",
  soundOn: "Turn sound on",
  soundOff: "Turn sound off",
  online: "Online",
  connecting: "Connecting…",
  reconnecting: "Reconnecting…",
  offlineQueue: "Your messages will be sent when you are back online.",
  welcome: "Hi! How can we help?",
  today: "Today",
  yesterday: "Yesterday",
  you: "You",
  typing: "is typing",
  sending: "Sending",
  sent: "Sent",
  failed: "Not sent",
  retry: "Try again",
  discard: "Delete",
  newMessages: "New messages",
  latest: "Go to the latest message",
  image: "Photo",
  video: "Video",
  audio: "Audio",
  document: "Document",
  open: "Open",
  yourLocation: "Location",
  map: "Open map",
  choose: "Choose",
  chosen: "chosen",
  unsupported: "This message can't be shown here.",
  tooBig: "That file is too large. Choose one under {limit}.",
  uploadFailed: "The file was not uploaded. Check your connection and try again.",
  noLocation: "Your location is not available. Allow it in your browser and try again.",
  notStored: "Your browser blocks storage, so this conversation ends when you close the page.",
  unavailable: "This chat is not available right now.",
  missing: "There is no chat at this address. Check the link and try again.",
  poweredBy: "Powered by PostDog",
  drop: "Drop files to attach them",
};

const OTHERS = {
  de: {
    conversation: "Unterhaltung", placeholder: "Nachricht schreiben…", message: "Nachricht", send: "Nachricht senden",
    attach: "Foto oder Datei anhängen", location: "Standort teilen", more: "Hinzufügen", remove: "Entfernen",
    close: "Chat schließen", closeDialog: "Schließen", soundOn: "Ton einschalten", soundOff: "Ton ausschalten",
    online: "Online", connecting: "Verbinden…", reconnecting: "Verbindung wird wiederhergestellt…",
    offlineQueue: "Ihre Nachrichten werden gesendet, sobald Sie wieder online sind.", welcome: "Hallo! Wie können wir helfen?",
    today: "Heute", yesterday: "Gestern", you: "Sie", typing: "schreibt", sending: "Wird gesendet", sent: "Gesendet",
    failed: "Nicht gesendet", retry: "Erneut versuchen", discard: "Löschen", newMessages: "Neue Nachrichten",
    latest: "Zur neuesten Nachricht", image: "Foto", video: "Video", audio: "Audio", document: "Dokument", open: "Öffnen",
    yourLocation: "Standort", map: "Karte öffnen", choose: "Auswählen", chosen: "ausgewählt",
    unsupported: "Diese Nachricht kann hier nicht angezeigt werden.",
    tooBig: "Die Datei ist zu groß. Wählen Sie eine unter {limit}.",
    uploadFailed: "Die Datei wurde nicht hochgeladen. Prüfen Sie die Verbindung und versuchen Sie es erneut.",
    noLocation: "Ihr Standort ist nicht verfügbar. Erlauben Sie ihn im Browser und versuchen Sie es erneut.",
    notStored: "Ihr Browser blockiert Speicher; die Unterhaltung endet, wenn Sie die Seite schließen.",
    unavailable: "Dieser Chat ist gerade nicht erreichbar.",
    missing: "Unter dieser Adresse gibt es keinen Chat. Prüfen Sie den Link.",
    poweredBy: "Bereitgestellt von PostDog", drop: "Dateien hier ablegen",
  },
  es: {
    conversation: "Conversación", placeholder: "Escribe un mensaje…", message: "Mensaje", send: "Enviar mensaje",
    attach: "Adjuntar una foto o un archivo", location: "Compartir tu ubicación", more: "Añadir al mensaje", remove: "Quitar",
    close: "Cerrar el chat", closeDialog: "Cerrar", soundOn: "Activar el sonido", soundOff: "Desactivar el sonido",
    online: "En línea", connecting: "Conectando…", reconnecting: "Reconectando…",
    offlineQueue: "Tus mensajes se enviarán cuando vuelvas a tener conexión.", welcome: "¡Hola! ¿Cómo podemos ayudarte?",
    today: "Hoy", yesterday: "Ayer", you: "Tú", typing: "está escribiendo", sending: "Enviando", sent: "Enviado",
    failed: "No enviado", retry: "Reintentar", discard: "Eliminar", newMessages: "Mensajes nuevos",
    latest: "Ir al último mensaje", image: "Foto", video: "Vídeo", audio: "Audio", document: "Documento", open: "Abrir",
    yourLocation: "Ubicación", map: "Abrir el mapa", choose: "Elegir", chosen: "elegido",
    unsupported: "Este mensaje no se puede mostrar aquí.", tooBig: "El archivo es demasiado grande. Elige uno de menos de {limit}.",
    uploadFailed: "El archivo no se subió. Comprueba tu conexión e inténtalo de nuevo.",
    noLocation: "Tu ubicación no está disponible. Permítela en el navegador e inténtalo de nuevo.",
    notStored: "Tu navegador bloquea el almacenamiento; la conversación termina al cerrar la página.",
    unavailable: "Este chat no está disponible ahora.", missing: "No hay ningún chat en esta dirección. Comprueba el enlace.",
    poweredBy: "Con la tecnología de PostDog", drop: "Suelta los archivos para adjuntarlos",
  },
  fr: {
    conversation: "Conversation", placeholder: "Écrivez un message…", message: "Message", send: "Envoyer le message",
    attach: "Joindre une photo ou un fichier", location: "Partager votre position", more: "Ajouter au message", remove: "Retirer",
    close: "Fermer le chat", closeDialog: "Fermer", soundOn: "Activer le son", soundOff: "Couper le son",
    online: "En ligne", connecting: "Connexion…", reconnecting: "Reconnexion…",
    offlineQueue: "Vos messages partiront dès votre retour en ligne.", welcome: "Bonjour ! Comment pouvons-nous vous aider ?",
    today: "Aujourd’hui", yesterday: "Hier", you: "Vous", typing: "écrit", sending: "Envoi", sent: "Envoyé",
    failed: "Non envoyé", retry: "Réessayer", discard: "Supprimer", newMessages: "Nouveaux messages",
    latest: "Aller au dernier message", image: "Photo", video: "Vidéo", audio: "Audio", document: "Document", open: "Ouvrir",
    yourLocation: "Position", map: "Ouvrir la carte", choose: "Choisir", chosen: "choisi",
    unsupported: "Ce message ne peut pas être affiché ici.", tooBig: "Ce fichier est trop volumineux. Choisissez-en un de moins de {limit}.",
    uploadFailed: "Le fichier n’a pas été envoyé. Vérifiez votre connexion et réessayez.",
    noLocation: "Votre position n’est pas disponible. Autorisez-la dans le navigateur et réessayez.",
    notStored: "Votre navigateur bloque le stockage ; la conversation se termine à la fermeture de la page.",
    unavailable: "Ce chat n’est pas disponible pour le moment.", missing: "Aucun chat à cette adresse. Vérifiez le lien.",
    poweredBy: "Propulsé par PostDog", drop: "Déposez les fichiers pour les joindre",
  },
  pt: {
    conversation: "Conversa", placeholder: "Escreva uma mensagem…", message: "Mensagem", send: "Enviar mensagem",
    attach: "Anexar foto ou arquivo", location: "Compartilhar sua localização", more: "Adicionar à mensagem", remove: "Remover",
    close: "Fechar o chat", closeDialog: "Fechar", soundOn: "Ativar o som", soundOff: "Desativar o som",
    online: "Online", connecting: "Conectando…", reconnecting: "Reconectando…",
    offlineQueue: "Suas mensagens serão enviadas quando a conexão voltar.", welcome: "Olá! Como podemos ajudar?",
    today: "Hoje", yesterday: "Ontem", you: "Você", typing: "está digitando", sending: "Enviando", sent: "Enviada",
    failed: "Não enviada", retry: "Tentar de novo", discard: "Apagar", newMessages: "Novas mensagens",
    latest: "Ir para a última mensagem", image: "Foto", video: "Vídeo", audio: "Áudio", document: "Documento", open: "Abrir",
    yourLocation: "Localização", map: "Abrir o mapa", choose: "Escolher", chosen: "escolhido",
    unsupported: "Esta mensagem não pode ser mostrada aqui.", tooBig: "O arquivo é grande demais. Escolha um com menos de {limit}.",
    uploadFailed: "O arquivo não foi enviado. Verifique sua conexão e tente de novo.",
    noLocation: "Sua localização não está disponível. Permita no navegador e tente de novo.",
    notStored: "Seu navegador bloqueia o armazenamento; a conversa termina ao fechar a página.",
    unavailable: "Este chat não está disponível agora.", missing: "Não há chat neste endereço. Verifique o link.",
    poweredBy: "Desenvolvido com PostDog", drop: "Solte os arquivos para anexar",
  },
  ar: {
    conversation: "المحادثة", placeholder: "اكتب رسالة…", message: "رسالة", send: "إرسال الرسالة",
    attach: "إرفاق صورة أو ملف", location: "مشاركة موقعك", more: "إضافة إلى الرسالة", remove: "إزالة",
    close: "إغلاق الدردشة", closeDialog: "إغلاق", soundOn: "تشغيل الصوت", soundOff: "إيقاف الصوت",
    online: "متصل", connecting: "جارٍ الاتصال…", reconnecting: "جارٍ إعادة الاتصال…",
    offlineQueue: "ستُرسل رسائلك عند عودة الاتصال.", welcome: "مرحبًا! كيف يمكننا مساعدتك؟",
    today: "اليوم", yesterday: "أمس", you: "أنت", typing: "يكتب الآن", sending: "جارٍ الإرسال", sent: "أُرسلت",
    failed: "لم تُرسل", retry: "أعد المحاولة", discard: "حذف", newMessages: "رسائل جديدة",
    latest: "الانتقال إلى أحدث رسالة", image: "صورة", video: "فيديو", audio: "صوت", document: "مستند", open: "فتح",
    yourLocation: "الموقع", map: "فتح الخريطة", choose: "اختر", chosen: "تم اختياره",
    unsupported: "لا يمكن عرض هذه الرسالة هنا.", tooBig: "الملف كبير جدًا. اختر ملفًا أصغر من {limit}.",
    uploadFailed: "لم يُرفع الملف. تحقق من الاتصال وأعد المحاولة.",
    noLocation: "موقعك غير متاح. اسمح به في المتصفح وأعد المحاولة.",
    notStored: "متصفحك يمنع التخزين؛ تنتهي المحادثة عند إغلاق الصفحة.",
    unavailable: "الدردشة غير متاحة الآن.", missing: "لا توجد دردشة في هذا العنوان. تحقق من الرابط.",
    poweredBy: "مدعوم من PostDog", drop: "أفلت الملفات لإرفاقها",
  },
};

const RIGHT_TO_LEFT = new Set(["ar", "he", "fa", "ur"]);

/** `{words, locale, direction}` for a BCP 47 tag such as "pt-BR"; an unknown or broken tag reads English. */
export function speak(tag) {
  let locale;
  try {
    [locale] = Intl.getCanonicalLocales(tag || navigator.language || "en");
  } catch {
    locale = "en";
  }
  const language = (locale ?? "en").split("-")[0];
  return {
    words: { ...ENGLISH, ...OTHERS[language] },
    locale: locale ?? "en",
    direction: RIGHT_TO_LEFT.has(language) ? "rtl" : "ltr",
  };
}

/** Day labels and clock times in the visitor's zone. */
export function createCalendar(locale, words) {
  const time = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" });
  const thisYear = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
  const otherYear = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric" });
  const dayKey = (date) => `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;
  const when = (at) => (Number.isNaN(Date.parse(at)) ? new Date() : new Date(at));
  return {
    time: (at) => time.format(when(at)),
    dayKey: (at) => dayKey(when(at)),
    day(at) {
      const date = when(at);
      const now = new Date();
      const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
      if (dayKey(date) === dayKey(now)) return words.today;
      if (dayKey(date) === dayKey(yesterday)) return words.yesterday;
      return (date.getFullYear() === now.getFullYear() ? thisYear : otherYear).format(date);
    },
  };
}
